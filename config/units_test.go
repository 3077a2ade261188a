package config

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDurationsCarryAUnit(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10s": 10 * time.Second, "1500ms": 1500 * time.Millisecond, "1h30m": 90 * time.Minute, " 2m ": 2 * time.Minute, "0": 0,
	} {
		var d Duration
		require.NoError(t, d.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, d.D(), text)
	}
	for _, text := range []string{"", "5", "5 s", "ten", "5d", "1m,5s"} {
		require.Error(t, new(Duration).UnmarshalText([]byte(text)), text)
	}
	for d, want := range map[time.Duration]string{
		10 * time.Second: "10s", time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", 0: "0s", 61 * time.Second: "1m1s", 100 * time.Second: "1m40s",
	} {
		require.Equal(t, want, Duration(d).String())
	}
}

func TestSizesCarryAUnit(t *testing.T) {
	for text, want := range map[string]int64{
		"1MB": 1_000_000, "1MiB": 1 << 20, "512KB": 512_000, "512kb": 512_000, "1.5 MB": 1_500_000, "10B": 10, "2GB": 2_000_000_000,
	} {
		var s Size
		require.NoError(t, s.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, s.Bytes(), text)
	}
	for _, text := range []string{"", "5", "1000000", "1 parsec", "-1MB", "MB", "99999999EB", "0x10"} {
		require.Error(t, new(Size).UnmarshalText([]byte(text)), text)
	}
	for s, want := range map[Size]string{0: "0B", 999: "999B", 1000: "1KB", 1024: "1KiB", 1 << 20: "1MiB", 1_500_000: "1500KB", 3_000_000_000: "3GB"} {
		require.Equal(t, want, s.String())
	}
}

// What is shown can be written back, and is what the schema asks for.
func TestUnitsAreReadAsTheyAreWritten(t *testing.T) {
	durations, sizes := regexp.MustCompile(Duration(0).JSONSchema().Pattern), regexp.MustCompile(Size(0).JSONSchema().Pattern)
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Range(0, int64(10000*time.Hour)).Draw(t, "duration"))
		var d2 Duration
		require.NoError(t, d2.UnmarshalText([]byte(d.String())))
		require.Equal(t, d, d2)
		require.Regexp(t, durations, d.String())

		s := Size(rapid.Int64Range(0, 1<<50).Draw(t, "size"))
		var s2 Size
		require.NoError(t, s2.UnmarshalText([]byte(s.String())))
		require.Equal(t, s, s2)
		require.Regexp(t, sizes, s.String())
	})
}

// However a good file is damaged, the answer is a configuration or a list of
// problems, each with a file, and a line that the file has.
func TestADamagedFileIsNeverACrash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := string(Example)
		if rapid.Bool().Draw(t, "demo") {
			text = string(Demo)
		}
		for range rapid.IntRange(1, 4).Draw(t, "damages") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			end := min(len(text), at+rapid.IntRange(0, 30).Draw(t, "length"))
			with := rapid.SampledFrom([]string{"", "\n", "  ", "\t", "- ", ": ", "[", "]", "{", "}", "\"", "'", "|\n", "&a ", "*a", "<<: ", "!!str ", "? ", "#", "---\n", "%", "é", "null", "~", "\r"}).Draw(t, "with")
			text = text[:at] + with + text[end:]
		}
		c, err := Parse("x.yaml", []byte(text), nil)
		if err == nil {
			require.NotNil(t, c)
			return
		}
		require.Nil(t, c)
		for _, p := range err.(Problems) {
			require.Equal(t, "x.yaml", p.File)
			require.NotEmpty(t, p.Text)
			require.NotContains(t, p.Text, "\n")
			require.LessOrEqual(t, p.Line, strings.Count(text, "\n")+strings.Count(text, "\r")+1, p)
		}
	})
}

func TestRedisAddressesAreShownWithoutPasswords(t *testing.T) {
	for address, shown := range map[string]string{
		"":                                   "",
		"redis://:hush@localhost:6379/2":     "redis://:xxxxx@localhost:6379/2",
		"rediss://me:hush@redis:6379?a=hush": "rediss://me:xxxxx@redis:6379",
		"unix:///run/redis.sock":             "unix:///run/redis.sock",
		"me:hush@redis":                      "(hidden)",
		"redis://:hu sh@%zz":                 "(hidden)",
	} {
		r := RedisURL{address}
		require.Equal(t, shown, r.String())
		require.Equal(t, address, r.Reveal())
		text, err := r.MarshalText()
		require.NoError(t, err)
		require.Equal(t, shown, string(text))
	}
}
