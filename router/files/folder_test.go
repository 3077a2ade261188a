package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"relevo/router/files"
)

func folder(t *testing.T) (*files.Folder, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "attachments")
	f, err := files.NewFolder(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f, path
}

// names lists every file below a folder with its permissions.
func names(t *testing.T, path string) map[string]fs.FileMode {
	t.Helper()
	out := map[string]fs.FileMode{}
	require.NoError(t, filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		out[d.Name()] = info.Mode()
		return err
	}))
	return out
}

func TestWhatIsStoredComesBackAndGoesWhenDeleted(t *testing.T) {
	f, path := folder(t)
	key := files.NewKey()
	require.NoError(t, f.Put(t.Context(), key, strings.NewReader("hola")))
	require.Equal(t, map[string]fs.FileMode{key: 0o600}, names(t, path), "for its owner only")

	r, err := f.Open(t.Context(), key)
	require.NoError(t, err)
	_, err = r.Seek(1, io.SeekStart)
	require.NoError(t, err)
	rest, err := io.ReadAll(r)
	require.NoError(t, errors.Join(err, r.Close()))
	require.Equal(t, "ola", string(rest))

	require.NoError(t, f.Delete(t.Context(), key))
	require.NoError(t, f.Delete(t.Context(), key), "deleted twice")
	_, err = f.Open(t.Context(), key)
	require.ErrorIs(t, err, files.ErrNotFound)
}

func TestAFileThatBreaksOffIsNotStored(t *testing.T) {
	f, path := folder(t)
	broken := errors.New("connection lost")
	key := files.NewKey()
	err := f.Put(t.Context(), key, io.MultiReader(bytes.NewReader(make([]byte, 100_000)), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, f.Put(gone, key, strings.NewReader("hola")), context.Canceled)
	require.Empty(t, names(t, path))
}

func TestNoNameFromOutsideIsAPath(t *testing.T) {
	f, path := folder(t)
	secret := filepath.Join(filepath.Dir(path), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("x"), 0o600))
	linked := "AA" + files.NewKey()[2:]
	require.NoError(t, os.Mkdir(filepath.Join(path, "AA"), 0o700))
	require.NoError(t, os.Symlink(secret, filepath.Join(path, "AA", linked)))
	for _, key := range []string{"", "../secret", secret, "..", "AA/../../secret", strings.Repeat("a", 31), strings.Repeat("a", 33),
		strings.Repeat("a", 31) + "/", strings.Repeat("a", 31) + "\x00", strings.Repeat(".", 32)} {
		_, err := f.Open(t.Context(), key)
		require.ErrorIs(t, err, files.ErrNotFound, key)
		require.Error(t, f.Put(t.Context(), key, strings.NewReader("x")), key)
		require.NoError(t, f.Delete(t.Context(), key), key)
	}
	_, err := f.Open(t.Context(), linked)
	require.Error(t, err, "a link out of the folder")
	require.FileExists(t, secret)
}

func TestKeysAreLongAndNeverTheSame(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := files.NewKey()
		require.True(t, files.IsKey(key), key)
		require.False(t, seen[key])
		seen[key] = true
	}
}

func TestWhatABrokenOffPutLeftIsDeletedToo(t *testing.T) {
	f, path := folder(t)
	key := files.NewKey()
	require.NoError(t, os.WriteFile(filepath.Join(path, key+".part"), []byte("half"), 0o600))
	require.NoError(t, f.Delete(t.Context(), key))
	require.Empty(t, names(t, path))
}
