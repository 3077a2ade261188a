// Package config reads relevo.yaml and the RELEVO_* environment into one
// validated Config. It opens nothing but files that the configuration names,
// starts nothing, and is imported by cmd alone: every other package takes a
// small Options of its own.
//
// Start reading at Load.
package config

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // time zones are checked, and used, on machines that bring none

	"relevo/bot/flow"
)

// Config is everything that the operator decides. It does not change once
// loaded; a reload is another Config.
type Config struct {
	Server   Server       `yaml:"server"`
	Database Database     `yaml:"database"`
	Worker   Worker       `yaml:"worker"`
	Limits   Limits       `yaml:"limits"`
	Storage  Storage      `yaml:"storage"`
	Realtime Realtime     `yaml:"realtime"`
	Webhooks Webhooks     `yaml:"webhooks"`
	Mail     Mail         `yaml:"mail"`
	Log      Log          `yaml:"log"`
	Teams    []Team       `yaml:"teams"`
	Inboxes  []Inbox      `yaml:"inboxes"`
	Bots     []Bot        `yaml:"bots"`
	Flows    []*flow.Flow `yaml:"flows"`

	// Warnings are doubtful but no reason not to start.
	Warnings Problems `yaml:"-"`

	origins origins
}

// Example is a relevo.yaml with every key, what it means and its default.
//
//go:embed relevo.example.yaml
var Example []byte

// Demo is the relevo.yaml of the demonstration: one inbox, a flow in Spanish
// and the Dialogflow emulator, on loopback and SQLite.
//
//go:embed demo.yaml
var Demo []byte

// FileName is the name of the file that the configuration was read from,
// without its folder; "" if there was none.
func (c *Config) FileName() string {
	if file := c.origins[""].file; file != "" {
		return filepath.Base(file)
	}
	return ""
}

// Inbox returns the inbox with that identifier, nil when there is none.
func (c *Config) Inbox(identifier string) *Inbox {
	for i := range c.Inboxes {
		if c.Inboxes[i].Identifier == identifier {
			return &c.Inboxes[i]
		}
	}
	return nil
}

// Bot returns the bot with that name, nil when there is none.
func (c *Config) Bot(name string) *Bot {
	for i := range c.Bots {
		if c.Bots[i].Name == name {
			return &c.Bots[i]
		}
	}
	return nil
}

// Flow returns the flow with that name, nil when there is none.
func (c *Config) Flow(name string) *flow.Flow {
	for _, f := range c.Flows {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// places are looked at by Find, in this order.
var places = []string{"relevo.yaml", "/etc/relevo/relevo.yaml"}

// Find returns the file to give to Load: the one named by the flag --config
// ("" when not given), else by $RELEVO_CONFIG in env, else the first that
// exists of ./relevo.yaml and /etc/relevo/relevo.yaml. It returns "" when
// there is none; Load then starts from the defaults. A file that was named is
// returned whether it exists or not, so that Load can say that it does not.
func Find(flag string, env []string) string {
	return find(flag, env, "")
}

// find is Find with a root folder, for tests.
func find(flag string, env []string, root string) string {
	if flag != "" {
		return flag
	}
	if named := environment(env)["RELEVO_CONFIG"]; named != "" {
		return named
	}
	for _, place := range places {
		path := filepath.Join(root, place)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// environment makes a map of "NAME=value" lines; the last of a name counts.
func environment(env []string) map[string]string {
	m := make(map[string]string, len(env))
	for _, line := range env {
		if name, value, ok := strings.Cut(line, "="); ok {
			m[name] = value
		}
	}
	return m
}
