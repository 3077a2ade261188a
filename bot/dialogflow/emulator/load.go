package emulator

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// What Load refuses, beside files that cannot be read.
var (
	ErrTooBig   = errors.New("agent is too big")
	ErrUnsafe   = errors.New("agent archive is not safe")
	ErrNotAgent = errors.New("not an exported Dialogflow ES agent")
)

//go:embed demo
var demo embed.FS

var loadDemo = sync.OnceValues(func() (*Agent, error) {
	sub, err := fs.Sub(demo, "demo")
	if err != nil {
		return nil, err
	}
	return LoadFS(sub)
})

// Demo returns the agent of a small shop that is shipped with the package, in
// Spanish (default) and English.
func Demo() (*Agent, error) { return loadDemo() }

// Load reads an agent from a folder or from a zip as Dialogflow exports it.
//
// It takes exports of 2017 (phrases inside the intents) and later ones, and
// does not mind a single folder around the export. Keys and credentials in
// the export are not kept. An export of more than 2,000 files, 64 MiB in all
// or 8 MiB in one file is refused with ErrTooBig, a zip with names that lead
// out of it with ErrUnsafe, anything that is no ES agent with ErrNotAgent.
func Load(name string) (*Agent, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("loading agent: %w", err)
	}
	if !info.IsDir() {
		files, err := readZip(name, info.Size())
		if err != nil {
			return nil, fmt.Errorf("loading agent %s: %w", name, err)
		}
		return build(strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), files)
	}
	// A root, unlike os.DirFS, does not follow links that lead out of it.
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("loading agent: %w", err)
	}
	defer root.Close()
	return load(filepath.Base(filepath.Clean(name)), root.FS())
}

// LoadFS reads an agent from a file system, with the limits of Load.
func LoadFS(fsys fs.FS) (*Agent, error) { return load("agent", fsys) }

func load(name string, fsys fs.FS) (*Agent, error) {
	files, err := readFolder(fsys)
	if err != nil {
		return nil, fmt.Errorf("loading agent %s: %w", name, err)
	}
	return build(name, files)
}

// build makes an agent of the files of an export.
func build(name string, files map[string][]byte) (*Agent, error) {
	root, err := findRoot(files)
	if err != nil {
		return nil, fmt.Errorf("loading agent %s: %w", name, err)
	}
	a, err := parseAgent(name, files[path.Join(root, "agent.json")])
	if err != nil {
		return nil, fmt.Errorf("loading agent %s: %w", name, err)
	}
	for _, step := range []func(*Agent, map[string][]byte) error{addEntities, addIntents} {
		if err := step(a, below(root, files)); err != nil {
			return nil, fmt.Errorf("loading agent %s: %w", name, err)
		}
	}
	if len(a.intents) == 0 {
		return nil, fmt.Errorf("loading agent %s: %w: it has no intents", name, ErrNotAgent)
	}
	a.finish()
	return a, nil
}

// findRoot returns the folder of the export that holds agent.json: the top,
// or the single folder that some tools put around it.
func findRoot(files map[string][]byte) (string, error) {
	root, found, depth := "", 0, 0
	for name := range files {
		if path.Base(name) != "agent.json" {
			continue
		}
		switch d := strings.Count(name, "/"); {
		case found == 0 || d < depth:
			root, found, depth = path.Dir(name), 1, d
		case d == depth:
			found++
		}
	}
	switch {
	case found == 0:
		return "", fmt.Errorf("%w: no agent.json in it", ErrNotAgent)
	case found > 1:
		return "", fmt.Errorf("%w: %d agents in it, name the folder of one", ErrNotAgent, found)
	}
	return root, nil
}

// below returns the files under root by their path from there.
func below(root string, files map[string][]byte) map[string][]byte {
	if root == "." {
		return files
	}
	out := make(map[string][]byte, len(files))
	for name, data := range files {
		if rest, ok := strings.CutPrefix(name, root+"/"); ok {
			out[rest] = data
		}
	}
	return out
}
