package flow

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// rules reads a field's jsonschema tag: every name with its values.
func rules(field reflect.StructField) map[string][]string {
	r := map[string][]string{}
	for _, part := range strings.Split(field.Tag.Get("jsonschema"), ",") {
		name, value, _ := strings.Cut(part, "=")
		r[name] = append(r[name], value)
	}
	return r
}

func bound(r map[string][]string, name string) (int, bool) {
	if r[name] == nil {
		return 0, false
	}
	n, err := strconv.Atoi(r[name][0])
	return n, err == nil
}

func yamlName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	return name
}

func fieldNamed(t reflect.Type, name string) (int, bool) {
	for i := range t.NumField() {
		if yamlName(t.Field(i)) == name {
			return i, true
		}
	}
	return 0, false
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = yamlName(t.Field(i))
	}
	return names
}

// fields lists what a struct holds in the order of its fields, without empty
// fields that are tagged omitempty.
func fields(target any) yaml.MapSlice {
	v := reflect.ValueOf(target).Elem()
	list := make(yaml.MapSlice, 0, v.NumField())
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if strings.HasSuffix(tag, ",omitempty") && v.Field(i).IsZero() {
			continue
		}
		list = append(list, yaml.MapItem{Key: yamlName(v.Type().Field(i)), Value: plain(v.Field(i))})
	}
	return list
}

func plain(v reflect.Value) any {
	if _, ok := v.Interface().(yaml.InterfaceMarshaler); !ok && v.Kind() == reflect.Struct {
		return fields(v.Addr().Interface())
	}
	return v.Interface()
}

func join(key, name string) string {
	if key == "" || name == "" {
		return key + name
	}
	return key + "." + name
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func sortedCopy(list []string) []string { return slices.Sorted(slices.Values(list)) }
