package router_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func TestVariablesOfACannedResponse(t *testing.T) {
	values := map[string]string{"contact.name": "{{agent.name}} $1", "agent.name": "Ana", "contact.email": ""}
	for content, want := range map[string]string{
		"Hola {{contact.name}}":                      "Hola {{agent.name}} $1", // what a customer is called is never read as a variable
		"Soy {{ agent.name }}, {{agent.name}}":       "Soy Ana, Ana",
		"Tu correo: {{contact.email}}.":              "Tu correo: .",
		"{{contact.nombre}}":                         "{{contact.nombre}}",
		"{{contact.custom_attribute.talla}}":         "",
		"{{ {{agent.name}} }} {agent.name} {{name}}": "{{ Ana }} {agent.name} {{name}}",
		"": "",
	} {
		require.Equal(t, want, router.RenderCanned(content, values), content)
	}
}
