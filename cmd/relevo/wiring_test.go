package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/config"
)

func TestTheWiringSaysWhoIsGivenWhat(t *testing.T) {
	c, err := config.Parse("relevo.yaml", []byte(`
inboxes:
  - identifier: turnos
  - identifier: pocas
    max_assignments: 3
  - identifier: libre
    auto_assign: false
`), nil)
	require.NoError(t, err)
	w := wiring(c)
	got := map[string][2]any{}
	for _, i := range w.Inboxes {
		got[i.Identifier] = [2]any{!i.Settings.NoAutoAssign, i.Settings.AutoAssignLimit}
	}
	require.Equal(t, map[string][2]any{"turnos": {true, 0}, "pocas": {true, 3}, "libre": {false, 0}}, got)
}
