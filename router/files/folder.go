package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Folder keeps files in a folder of this machine, readable by its owner only.
// What is being written lies beside the rest under a name that is no key, so
// that a process that dies leaves no half file behind under one; Delete removes
// such a half as well.
type Folder struct {
	root *os.Root // nothing outside can be reached through it, links included
}

// NewFolder opens a folder, made if it is not there. Close gives it back.
func NewFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("folder of attachments: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("folder of attachments: %w", err)
	}
	return &Folder{root}, nil
}

// Close gives the folder back. No file may be asked for afterwards.
func (f *Folder) Close() error { return f.root.Close() }

// Put implements Store.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader) (err error) {
	if !IsKey(key) {
		return fmt.Errorf("store file: %q is no key", key)
	}
	part := partOf(key)
	w, err := f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.root.Remove(part)
		}
	}()
	if _, err := io.Copy(w, reader{ctx, r}); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := errors.Join(w.Sync(), w.Close()); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	if err := f.root.Mkdir(shelf(key), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("store file: %w", err)
	}
	if err := f.root.Rename(part, place(key)); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return nil
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if !IsKey(key) {
		return nil, ErrNotFound
	}
	file, err := f.root.Open(place(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return file, nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, key string) error {
	if !IsKey(key) {
		return nil
	}
	for _, path := range []string{place(key), partOf(key)} {
		if err := f.root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete file: %w", err)
		}
	}
	return nil
}

// shelf spreads files over 4,096 folders, so that none grows too long to list.
func shelf(key string) string { return key[:2] }

// partOf is where a file lies while it is being written.
func partOf(key string) string { return key + ".part" }

func place(key string) string { return shelf(key) + "/" + key }

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
