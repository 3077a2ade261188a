package config

import (
	"fmt"
	"io"
	"reflect"

	"github.com/goccy/go-yaml"
)

// Print writes the configuration that is in force as YAML: every key, the
// defaults too, with a note where a value of a section did not come from the
// file. Secrets are masked, so the output may be shown to anybody; for the
// same reason it is not always a file that could be loaded.
func (c *Config) Print(w io.Writer) error {
	notes := yaml.CommentMap{}
	for _, s := range settings {
		note := yaml.LineComment
		if s.key.typ.Kind() == reflect.Slice { // a line comment would come between the key and its list
			note = func(text string) *yaml.Comment { return yaml.HeadComment(text) }
		}
		from, written := c.origins[s.path]
		switch {
		case from.variable != "":
			notes["$."+s.path] = []*yaml.Comment{note(" from " + from.variable)}
		case !written:
			notes["$."+s.path] = []*yaml.Comment{note(" default")}
		}
	}
	text, err := yaml.MarshalWithOptions(c, yaml.WithComment(notes), yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	_, err = w.Write(text)
	return err
}
