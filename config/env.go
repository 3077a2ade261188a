package config

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"relevo/bot/flow"
)

// The environment may set every key of the sections that hold one value a key:
// RELEVO_ + section + _ + key. Lists of things with names are the file's.

const environmentName = "environment" // what problems give as their file

// setting is one key that the environment may set.
type setting struct {
	path     string // "server.listen"
	variable string // "RELEVO_SERVER_LISTEN"
	key      key
}

// settings lists what viper holds: every key of every section.
var settings = func() []setting {
	var list []setting
	for _, section := range keysOf(reflect.TypeFor[Config]()) {
		if !isSection(section.typ) {
			continue
		}
		for _, k := range keysOf(section.typ) {
			path := section.name + "." + k.name
			list = append(list, setting{path, variableOf(path), k})
		}
	}
	return list
}()

func variableOf(path string) string {
	return "RELEVO_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// overlay returns the values that the environment sets, by path. An empty
// variable is one that is not set.
func overlay(env map[string]string, from origins) (map[string]any, Problems) {
	values := map[string]any{}
	var problems Problems
	for _, s := range settings {
		text := env[s.variable]
		if text == "" {
			continue
		}
		from[s.path] = origin{variable: s.variable}
		value := reflect.New(s.key.typ).Elem()
		if err := setText(value, s.key, text); err != nil {
			problems = append(problems, Problem{File: environmentName, Key: s.variable, Text: err.Error()})
			continue
		}
		values[s.path] = value.Interface()
	}
	return values, problems
}

// kubernetes matches what Kubernetes sets in every container for a service
// that is called relevo-server, for example; nobody wrote those.
var kubernetes = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)$`)

// misspelt finds variables that were meant to set a key and do not: those that
// begin like one, and those that are nearly one. Others that begin with RELEVO_
// are somebody else's business.
func misspelt(env map[string]string, used map[string]bool) Problems {
	var known, sections []string
	for _, s := range settings {
		known = append(known, s.variable)
		section, _, _ := strings.Cut(s.path, ".")
		sections = append(sections, variableOf(section)+"_")
	}
	var problems Problems
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !strings.HasPrefix(name, "RELEVO_") || used[name] || slices.Contains(known, name) || kubernetes.MatchString(name) {
			continue
		}
		near := flow.Nearest(name, known, 2) // all begin alike, so a third of the letters would be too many
		begins := slices.ContainsFunc(sections, func(s string) bool { return strings.HasPrefix(name, s) })
		switch {
		case near != "":
			problems = append(problems, Problem{File: environmentName, Key: name, Text: fmt.Sprintf("unknown variable, did you mean %q?", near)})
		case begins:
			problems = append(problems, Problem{File: environmentName, Key: name, Text: "unknown variable, there is no such key in that section"})
		}
	}
	return problems
}
