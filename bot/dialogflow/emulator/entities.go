package emulator

import (
	"cmp"
	"strings"
)

// addEntities reads entities/. An array is a list of entries, an object an
// entity; the two belong together by their file names.
func addEntities(a *Agent, files map[string][]byte) error {
	byFile := map[string]*entity{}
	for _, name := range under("entities", files, false) {
		var f entityFile
		if err := decode(name, files[name], &f); err != nil {
			return err
		}
		e := &entity{name: cmp.Or(f.Name, stem(name)), regexp: f.IsRegexp, entries: map[string][]entry{}}
		e.add(a.language, f.Entries)
		a.entities[e.name], byFile[stem(name)] = e, e
	}
	for _, name := range under("entities", files, true) {
		file, lang, ok := cutLast(stem(name), "_entries_")
		e := byFile[file]
		if !ok || e == nil {
			a.warn("%q belongs to no entity", name)
			continue
		}
		var entries []entryFile
		if err := decode(name, files[name], &entries); err != nil {
			return err
		}
		e.add(strings.ToLower(lang), entries)
	}
	return nil
}

func (e *entity) add(lang string, entries []entryFile) {
	for _, f := range entries {
		e.entries[lang] = append(e.entries[lang], entry{string(f.Value), f.Synonyms})
	}
}
