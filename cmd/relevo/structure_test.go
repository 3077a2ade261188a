package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport is the plan of the house: one hall (router) and three wings
// (channel, agentdesk, bot), none of which knows another. Only cmd knows
// everybody. A package that is not listed has no place yet.
var mayImport = map[string]string{
	"fsm":                        "",
	"migrations":                 "",
	"router/address":             "",
	"router/fault":               "",
	"router/texts":               "",
	"router/store":               "",
	"router/files":               "",
	"router/page":                "",
	"router/markup":              "",
	"router/hours":               "",
	"router/prechat":             "router/address router/fault",
	"router/jobs":                "router/fault router/store",
	"router/webhook":             "",
	"router/report":              "router/fault router/store",
	"router/mail":                "router/address router/markup router/texts",
	"router/mail/mailtest":       "",
	"router/mailbox":             "router/api router/mail router/store router/texts",
	"router":                     "fsm router/address router/fault router/report router/texts router/store router/files router/jobs router/mail router/hours router/page router/prechat router/webhook",
	"router/api":                 "router/fault router/texts",
	"router/api/openapi":         "router/api router/fault",
	"router/api/apitest":         "router/api router/api/openapi",
	"router/routertest":          "fsm migrations router/store router/routertest/pgserver",
	"router/routertest/pgserver": "",
	"bot/flow":                   "",
	"bot":                        "bot/flow router router/address router/texts",
	"bot/dialogflow":             "bot router",
	"bot/dialogflow/emulator":    "",
	"router/live":                "fsm router router/api router/fault",
	"channel":                    "fsm router router/api router/fault router/hours router/live router/prechat router/texts",
	"agentdesk":                  "fsm router router/api router/fault router/hours router/jobs router/live router/report router/prechat router/texts",
	"config":                     "bot/flow router/hours router/page router/prechat",
	"web":                        "router/api",
	"cmd/relevo":                 "*",
	"tools/":                     "*",
}

// TestNoWingKnowsAnother holds the plan against what the code imports.
func TestNoWingKnowsAnother(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "relevo/...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], "relevo/")
		plan := name
		if strings.HasPrefix(name, "tools/") {
			plan = "tools/"
		}
		allowed, known := mayImport[plan]
		require.True(t, known, "package %s has no place in the plan", name)
		for _, imported := range fields[1:] {
			if sibling, ours := strings.CutPrefix(imported, "relevo/"); ours && allowed != "*" {
				require.True(t, slices.Contains(strings.Fields(allowed), sibling), "%s must not import %s", name, sibling)
			}
		}
	}
}
