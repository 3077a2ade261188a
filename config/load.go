package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// maxFile is the largest configuration, or flow file, that is read: some
// 20,000 lines.
const maxFile Size = 1 << 20

// Load reads a configuration file, lays the RELEVO_* variables of env
// ("NAME=value", as os.Environ gives them) over it, reads the secrets that it
// names and validates the whole. An empty path means no file: defaults and
// environment alone. The error is always Problems and lists all that is wrong;
// nothing in it is secret.
func Load(path string, env []string) (*Config, error) {
	if path == "" {
		return Parse("", nil, env)
	}
	source, err := readFile(path, int64(maxFile))
	if err != nil {
		return nil, Problems{{File: path, Text: unreadable(err)}}
	}
	return Parse(path, source, env)
}

// Parse is Load for a file that has been read already. name stands in problems,
// and files that the configuration names are looked for from name's folder.
func Parse(name string, source []byte, env []string) (*Config, error) {
	variables := environment(env)
	l := loader{
		name:      name,
		variables: variables,
		config:    Default(),
		origins:   origins{"": {file: name}},
	}
	l.load(source)
	if len(l.problems) > 0 {
		l.problems.sort()
		return nil, l.problems
	}
	l.config.Warnings.sort()
	l.config.origins = l.origins
	return l.config, nil
}

// loader holds what is known while a configuration is put together.
type loader struct {
	name      string
	variables map[string]string
	config    *Config
	origins   origins
	problems  Problems

	// unreadFlows says that some flow could not be read, so that a name that
	// is not there may be its.
	unreadFlows bool
}

func (l *loader) load(source []byte) {
	doc, fromFile := l.read(source)
	fromEnv, problems := overlay(l.variables, l.origins)
	l.problems = append(l.problems, problems...)
	l.merge(doc, fromEnv)
	l.config.Teams, l.config.Inboxes, l.config.Bots = fromFile.Teams, fromFile.Inboxes, fromFile.Bots
	l.config.Flows = fromFile.Flows
	used := l.secrets()
	l.problems = append(l.problems, misspelt(l.variables, used)...)
	l.validate()
}

// read returns what the file says: the values of the sections by path, and the
// lists in a Config.
func (l *loader) read(source []byte) (map[string]any, *Config) {
	into := &Config{}
	d := &document{file: l.name, origins: l.origins, settings: map[string]any{}}
	source, problem := clean(source)
	if problem != "" {
		l.problems = append(l.problems, Problem{File: l.name, Text: problem})
		return nil, into
	}
	d.source = source
	if root := d.parse(); root != nil {
		d.section(root, reflect.ValueOf(into).Elem(), "")
	}
	l.problems = append(l.problems, d.problems...)
	l.unreadFlows = d.unreadFlows
	return d.settings, into
}

// clean returns the text with line ends and beginning as goccy wants them, or
// says why it is no text.
func clean(source []byte) ([]byte, string) {
	text := strings.TrimPrefix(string(source), "\ufeff")
	switch {
	case len(source) > int(maxFile):
		return nil, fmt.Sprintf("larger than %s", maxFile)
	case !utf8.ValidString(text):
		return nil, "not text in UTF-8"
	case strings.ContainsRune(text, 0):
		return nil, "holds a NUL character, is this a text file?"
	}
	return []byte(strings.ReplaceAll(text, "\r\n", "\n")), ""
}

// merge lets viper put one value in place of another: default, file,
// environment. viper's own look-up of variables is not used: it reads the
// process's environment and no other, and takes what it cannot read for zero.
func (l *loader) merge(fromFile, fromEnv map[string]any) {
	v := viper.New()
	defaults := reflect.ValueOf(l.config).Elem()
	for _, s := range settings {
		v.SetDefault(s.path, valueAt(defaults, s.path))
		if value, ok := fromFile[s.path]; ok {
			// One key at a time: every value has been read and typed by document.
			l.must(v.MergeConfigMap(nested(s.path, value)))
		}
		if value, ok := fromEnv[s.path]; ok {
			v.Set(s.path, value)
		}
	}
	l.must(v.UnmarshalExact(l.config, func(c *mapstructure.DecoderConfig) { c.TagName = "yaml" }))
}

// must notes an error that no input can cause.
func (l *loader) must(err error) {
	if err != nil {
		l.problems = append(l.problems, Problem{File: l.name, Text: err.Error()})
	}
}

func nested(path string, value any) map[string]any {
	section, name, _ := strings.Cut(path, ".")
	return map[string]any{section: map[string]any{name: value}}
}

// valueAt returns the value of a key of a section.
func valueAt(config reflect.Value, path string) any {
	for part := range strings.SplitSeq(path, ".") {
		k, _ := named(keysOf(config.Type()), part)
		config = config.Field(k.index)
	}
	return config.Interface()
}

// relative returns the path of a file that key names. Files that the
// configuration names are found from its own folder, so that it can be
// started from anywhere; those that a variable names, from where one stands.
func (l *loader) relative(key, path string) string {
	if filepath.IsAbs(path) || l.origins.of(key).variable != "" {
		return path
	}
	return filepath.Join(filepath.Dir(l.name), path)
}

// unreadable says in a word why a file could not be read.
func unreadable(err error) string {
	path, ok := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read by this user"
	case ok:
		return "cannot be read: " + path.Err.Error()
	}
	return err.Error()
}
