package emulator

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Limits of an export. The largest agents known have some 1,500 files.
const (
	maxFiles    = 2000
	maxUnpacked = 64 << 20
	maxFileSize = 8 << 20
)

// unpacked collects the JSON files of an export and counts what was read, so
// that the limits hold whatever an archive claims about itself.
type unpacked struct {
	files map[string][]byte
	count int
	bytes int64
}

// one counts a file, before it is opened.
func (u *unpacked) one() error {
	if u.count++; u.count > maxFiles {
		return fmt.Errorf("%w: more than %d files", ErrTooBig, maxFiles)
	}
	return nil
}

// read takes in one file. Files that are not JSON are counted, not read.
func (u *unpacked) read(name string, open func() (io.ReadCloser, error)) error {
	if err := u.one(); err != nil {
		return err
	}
	if path.Ext(name) != ".json" {
		return nil
	}
	if _, twice := u.files[name]; twice {
		return fmt.Errorf("%w: %q is in it twice", ErrUnsafe, name)
	}
	f, err := open()
	if err != nil {
		return fmt.Errorf("opening %q: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	if len(data) > maxFileSize {
		return fmt.Errorf("%w: %q is larger than %d MiB", ErrTooBig, name, maxFileSize>>20)
	}
	if u.bytes += int64(len(data)); u.bytes > maxUnpacked {
		return fmt.Errorf("%w: more than %d MiB unpacked", ErrTooBig, maxUnpacked>>20)
	}
	u.files[name] = data
	return nil
}

// readFolder reads the JSON files of a folder; hidden folders are passed by.
func readFolder(fsys fs.FS) (map[string][]byte, error) {
	u := unpacked{files: map[string][]byte{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%w: %q is neither a file nor a folder", ErrUnsafe, name)
		}
		return u.read(name, func() (io.ReadCloser, error) { return fsys.Open(name) })
	})
	return u.files, err
}

// readZip reads the JSON files of a zip of the given size on disk.
func readZip(name string, size int64) (map[string][]byte, error) {
	if size > maxUnpacked {
		return nil, fmt.Errorf("%w: the zip is larger than %d MiB", ErrTooBig, maxUnpacked>>20)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return unzip(f, size)
}

func unzip(r io.ReaderAt, size int64) (map[string][]byte, error) {
	z, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("%w: a name in it leads out of it", ErrUnsafe)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: neither a folder nor a zip (%w)", ErrNotAgent, err)
	}
	if err := checkZip(z); err != nil {
		return nil, err
	}
	u := unpacked{files: map[string][]byte{}}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if err := u.read(f.Name, f.Open); err != nil {
			return nil, err
		}
	}
	return u.files, nil
}

// checkZip looks at what the archive says about itself before any byte of it
// is unpacked. What it says may be a lie; read counts again.
func checkZip(z *zip.Reader) error {
	if len(z.File) > 2*maxFiles {
		return fmt.Errorf("%w: more than %d entries", ErrTooBig, 2*maxFiles)
	}
	var total uint64
	for _, f := range z.File {
		name := strings.TrimSuffix(f.Name, "/")
		if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
			return fmt.Errorf("%w: the name %q leads out of it or is no plain path", ErrUnsafe, f.Name)
		}
		if t := f.Mode().Type(); t != 0 && t != fs.ModeDir {
			return fmt.Errorf("%w: %q is neither a file nor a folder", ErrUnsafe, f.Name)
		}
		if f.UncompressedSize64 > maxUnpacked {
			return fmt.Errorf("%w: %q would be larger than %d MiB", ErrTooBig, f.Name, maxUnpacked>>20)
		}
		if total += f.UncompressedSize64; total > maxUnpacked {
			return fmt.Errorf("%w: it would be more than %d MiB unpacked", ErrTooBig, maxUnpacked>>20)
		}
	}
	return nil
}
