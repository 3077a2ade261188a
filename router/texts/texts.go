// Package texts holds every sentence of the server that a customer or an agent
// may read: activity lines, faults, reasons, the bot's own words. It is not for
// log lines, nor for what businesses write themselves (flows, greetings).
//
// The sentences are in es.yaml and en.yaml. Both have the same keys with the
// same parameters, which a test holds.
package texts

import (
	"embed"
	"fmt"
	"log/slog"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// Languages lists the languages that have a catalogue, the fallback first.
var Languages = []string{"en", "es"}

//go:embed en.yaml es.yaml
var files embed.FS

// A sentence with a hole is worse than its key, which at least can be searched
// for, so a missing parameter is an error.
var parser = &template.TextParser{Option: "missingkey=error"}

var localizers, catalogues = load()

// Say returns the sentence under key in lang ("es", "es-MX", "en_US"); any
// other language is answered in English. params fill the sentence's {{.name}}
// places. A key that is nowhere, or a parameter that is missing, is a mistake
// of the caller: it is logged, and the key itself comes back.
func Say(lang, key string, params map[string]any) string {
	return say(localizers[base(lang)], key, params)
}

// Has reports whether the catalogue that lang is answered from has key itself,
// without falling back.
func Has(lang, key string) bool {
	_, ok := catalogues[base(lang)][key]
	return ok
}

// base reduces a language tag to the language of a catalogue.
func base(lang string) string {
	if i := strings.IndexAny(lang, "-_"); i >= 0 {
		lang = lang[:i]
	}
	if lang = strings.ToLower(lang); catalogues[lang] != nil {
		return lang
	}
	return Languages[0]
}

// say asks go-i18n. A sentence that comes beside an error is the English one,
// for a key that only the asked language lacks.
func say(l *i18n.Localizer, key string, params map[string]any) string {
	said, err := l.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: params, TemplateParser: parser})
	if said == "" {
		slog.Error("text missing", "key", key, "err", err)
		return key
	}
	return said
}

func load() (map[string]*i18n.Localizer, map[string]map[string]string) {
	bundle, sentences := read()
	speak := make(map[string]*i18n.Localizer, len(Languages))
	for _, lang := range Languages {
		speak[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return speak, sentences
}

// read parses the catalogues. It panics on a broken one: they are part of the
// program.
func read() (*i18n.Bundle, map[string]map[string]string) {
	bundle := i18n.NewBundle(tag(Languages[0]))
	bundle.RegisterUnmarshalFunc("yaml", unmarshal)
	sentences := make(map[string]map[string]string, len(Languages))
	for _, lang := range Languages {
		file, err := bundle.LoadMessageFileFS(files, lang+".yaml")
		if err != nil {
			panic(fmt.Sprintf("texts: %s.yaml: %v", lang, err))
		}
		sentences[lang] = make(map[string]string, len(file.Messages))
		for _, m := range file.Messages {
			sentences[lang][m.ID] = m.Other
		}
	}
	return bundle, sentences
}

func tag(lang string) language.Tag { return language.Make(lang) }

func unmarshal(data []byte, v any) error { return yaml.Unmarshal(data, v) }
