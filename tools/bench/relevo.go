//go:build unix

package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"
	"time"
)

//go:embed relevo.yaml.tmpl
var configText string

var configTemplate = template.Must(template.New("relevo.yaml").Parse(configText))

// relevo is a `relevo serve` process of its own.
type relevo struct {
	*child
	address string // host:port
}

// settings is what differs between the servers that are measured.
type settings struct {
	Address  string
	Driver   string
	Path     string // of SQLite's file
	DSN      string
	Emulator string // address of the Dialogflow emulator
}

// startRelevo starts a server in dir and waits until it is ready.
func startRelevo(ctx context.Context, binary, dir string, s settings) (*relevo, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s.Address = address.String()
	config := filepath.Join(dir, s.Driver+".yaml")
	f, err := os.OpenFile(config, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := configTemplate.Execute(f, s); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "serve", "--config", config)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "BENCH_DSN=" + s.DSN} // nothing of ours changes what is measured
	c, err := startChild(cmd, filepath.Join(dir, s.Driver+".log"))
	if err != nil {
		return nil, err
	}
	r := &relevo{c, s.Address}
	if err := r.await(ctx, startTimeout, r.ready); err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

func (r *relevo) ready(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.address+"/readyz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answers %s", resp.Status)
	}
	return nil
}

// build builds the program with the flags of the Makefile.
func build(ctx context.Context, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "nomsgpack", "-o", to, "relevo/cmd/relevo")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build relevo: %w\n%s", err, out)
	}
	return nil
}
