package texts_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router/texts"
)

// uses are the ways in which the program names a sentence, with what stands
// before the key there.
var uses = []struct {
	call   *regexp.Regexp
	prefix string
}{
	{regexp.MustCompile(`texts\.(?:Say|Has)\([^,"]*, "([a-z_.]+)"`), ""},
	{regexp.MustCompile(`\.builtIn(?:With)?\("([a-z_.]+)"`), ""},
	{regexp.MustCompile(`\.note\("([a-z_.]+)"`), "activity."},
	{regexp.MustCompile(`\.Field\("([a-z_.]+)"`), "fault.detail."},
	{regexp.MustCompile(`fault\.Limit\("([a-z_.]+)"`), "fault.detail."},
}

// limited are the details about a limit, with what stands before them: they
// name it, through fault.Limit or, to the author of a configuration, in words
// of their own.
var limited = regexp.MustCompile(`(.*)"(?:too_long|too_short|too_many|too_large|too_small|too_deep|too_far_ahead|out_of_range)"`)

var namesLimit = regexp.MustCompile(`(?:fault\.Limit\(|\bCode: |\bbad\([\w."]+, )$`)

// A key that is not there is seen by a customer, so it is looked for here.
// Keys that are put together at run time ("reason." + code) are not seen.
func TestEveryKeyThatTheProgramNamesIsThere(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range limited.FindAllSubmatch(source, -1) {
			require.Regexp(t, namesLimit, string(match[1]), "%s: name the limit with fault.Limit: %s", path, match[0])
		}
		for _, use := range uses {
			for _, match := range use.call.FindAllSubmatch(source, -1) {
				key := use.prefix + string(match[1])
				if strings.HasSuffix(key, ".") {
					continue
				}
				found++
				for _, lang := range texts.Languages {
					require.True(t, texts.Has(lang, key), "%s names %s, which %s.yaml lacks", path, key, lang)
				}
			}
		}
		return nil
	}))
	require.Greater(t, found, 20, "the patterns no longer fit the program")
}
