package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
)

// reference is a secret that is named by a variable or by a file.
type reference struct {
	envKey, fileKey string
	env             string
	file            *string // made relative to the working directory
}

// secrets reads every secret that the configuration names into its Config, and
// returns the names of the variables that hold one.
func (l *loader) secrets() (used map[string]bool) {
	used = map[string]bool{"RELEVO_CONFIG": true}
	l.databaseSecret(used)
	l.realtimeSecrets(used)
	l.mailSecret(used)
	for i := range l.config.Inboxes {
		in, at := &l.config.Inboxes[i], fmt.Sprintf("inboxes[%d]", i)
		in.HMACSecret.value = l.reveal(reference{at + ".hmac_secret_env", at + ".hmac_secret_file", in.HMACSecretEnv, &in.HMACSecretFile}, used)
	}
	for i := range l.config.Bots {
		b, at := &l.config.Bots[i], fmt.Sprintf("bots[%d]", i)
		ref := reference{at + ".credentials_env", at + ".credentials_file", b.CredentialsEnv, &b.CredentialsFile}
		b.Credentials.value = l.reveal(ref, used)
		if !b.Credentials.IsZero() && !json.Valid([]byte(b.Credentials.value)) {
			l.bad(l.written(ref.envKey, ref.fileKey), "must name a service account key in JSON, as Google Cloud hands it out")
		}
	}
	return used
}

// databaseSecret settles which of dsn, dsn_env and dsn_file counts. The
// environment stands above the file here too, whichever of the three it sets.
func (l *loader) databaseSecret(used map[string]bool) {
	db := &l.config.Database
	if l.fromVariable("database.dsn") || l.fromVariable("database.dsn_env") || l.fromVariable("database.dsn_file") {
		if !l.fromVariable("database.dsn") {
			db.DSN = DSN{}
		}
		if !l.fromVariable("database.dsn_env") {
			db.DSNEnv = ""
		}
		if !l.fromVariable("database.dsn_file") {
			db.DSNFile = ""
		}
	}
	value := l.reveal(reference{"database.dsn_env", "database.dsn_file", db.DSNEnv, &db.DSNFile}, used)
	switch {
	case value == "":
	case !db.DSN.IsZero():
		l.bad("database.dsn", "give one of dsn, dsn_env and dsn_file")
	default:
		db.DSN.value = value
	}
}

// written returns the one of two keys that was written.
func (l *loader) written(a, b string) string {
	if _, ok := l.origins[a]; ok {
		return a
	}
	return b
}

func (l *loader) fromVariable(key string) bool { return l.origins[key].variable != "" }

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reveal returns the secret that a reference names, "" when there is none. Its
// problems never repeat what was written: people paste the secret itself.
func (l *loader) reveal(ref reference, used map[string]bool) string {
	if ref.env != "" {
		used[ref.env] = true
	}
	switch {
	case ref.env != "" && *ref.file != "":
		l.bad(ref.fileKey, "give a variable or a file, not both")
	case ref.env != "" && !variableName.MatchString(ref.env):
		l.bad(ref.envKey, "must be the name of an environment variable, not the secret itself")
	case ref.env != "" && l.variables[ref.env] == "":
		l.bad(ref.envKey, "the environment variable that it names is not set")
	case ref.env != "":
		return l.variables[ref.env]
	case *ref.file != "":
		return l.revealFile(ref)
	}
	return ""
}

func (l *loader) revealFile(ref reference) string {
	wasRelative := !filepath.IsAbs(*ref.file)
	*ref.file = l.relative(ref.fileKey, *ref.file)
	value, err := readSecret(*ref.file)
	if err == nil {
		return value
	}
	text := unreadable(err)
	if wasRelative && errors.Is(err, fs.ErrNotExist) && !l.fromVariable(ref.fileKey) {
		text += fmt.Sprintf(" (looked for from %s)", folder(l.name))
	}
	l.bad(ref.fileKey, "%s", text)
	return ""
}

// folder returns the folder of a file as one would say it.
func folder(file string) string {
	if dir := filepath.Dir(file); dir != "." {
		return dir
	}
	return "the working directory"
}
