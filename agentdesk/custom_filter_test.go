package agentdesk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func TestAnAgentsSavedFilters(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const path = account + "/custom_filters"
		made := o.must("ana", "POST", path, `{"name":"Sin prioridad","filter_type":"conversation","query":{"payload":[
			{"attribute_key":"status","filter_operator":"equal_to","values":["open"],"query_operator":"and"},
			{"attribute_key":"priority","filter_operator":"is_not_present","values":[],"query_operator":null}]}}`).object()
		require.Equal(t, []any{"Sin prioridad", "conversation"}, []any{made["name"], made["filter_type"]})
		require.Len(t, made["query"].(map[string]any)["payload"], 2)
		o.must("ana", "POST", path, `{"custom_filter":{"name":"Clientes","type":"contact","query":{"payload":[{"attribute_key":"email","filter_operator":"contains","values":["@example.com"]}]}}}`)
		o.must("ana", "POST", path, `{"name":"Informe","filter_type":"report","query":{"payload":{"from":"lunes"}}}`)
		require.Equal(t, []any{"Sin prioridad", "Clientes", "Informe"}, column(o.must("ana", "GET", path, "").list(), "name"))
		require.Equal(t, []any{"Clientes"}, column(o.must("ana", "GET", path+"?filter_type=contact", "").list(), "name"))
		require.Empty(t, o.must("jefa", "GET", path, "").list(), "an agent's own")

		one := fmt.Sprintf("%s/%v", path, made["id"])
		changed := o.must("ana", "PATCH", one, `{"name":"Otra"}`).object()
		require.Equal(t, []any{"Otra", made["query"]}, []any{changed["name"], changed["query"]})
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			o.refused(404, "not_found", "jefa", method, one, `{"name":"x"}`)
		}
		o.refused(422, "invalid", "ana", "PATCH", one, `{"filter_type":"contact"}`)
		o.must("ana", "DELETE", one, "")
		o.refused(404, "not_found", "ana", "GET", one, "")

		for _, none := range []string{`{"name":"F"}`, `{"name":"F","query":{}}`, `{"name":"F","query":{"payload":[]}}`, `{"name":"F","filter_type":"contact","query":{"payload":[]}}`} {
			require.Equal(t, []any{"payload"}, o.refused(422, "invalid", "ana", "POST", path, none).object()["attributes"], none)
		}
		for _, body := range []string{`{}`, `{"name":""}`, `{"name":"` + strings.Repeat("n", 256) + `"}`, `{"name":"F","filter_type":"agent"}`, `{"name":"F","query":"open"}`,
			`{"name":"F","query":{"payload":"open"}}`, `{"name":"F","query":{"payload":[{"attribute_key":"secret","filter_operator":"equal_to","values":[1]}]}}`,
			`{"name":"F","query":{"payload":[{"attribute_key":"status","filter_operator":"like","values":["open"]}]}}`,
			`{"name":"F","filter_type":"contact","query":{"payload":[{"attribute_key":"status","filter_operator":"equal_to","values":["open"]}]}}`,
			`{"name":"F","query":{"text":"` + strings.Repeat("x", 20_000) + `"}}`} {
			o.refused(422, "invalid", "ana", "POST", path, body)
		}
		for i := range 98 {
			_, err := o.router.AddSavedFilter(t.Context(), o.ana.ID, router.FilterDraft{Name: new(fmt.Sprint(i)), Kind: new(router.FilterReports)})
			require.NoError(t, err)
		}
		o.refused(422, "invalid", "ana", "POST", path, `{"name":"Una más","filter_type":"report"}`)
	})
}

func TestCustomAttributesAreComparedAsTheyAreDefined(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const path = account + "/custom_attribute_definitions"
		define := func(body string) map[string]any { return o.must("jefa", "POST", path, body).object() }
		talla := define(`{"attribute_display_name":"Talla","attribute_display_type":6,"attribute_description":"Del zapato","attribute_key":"talla","attribute_values":["S","L"],"attribute_model":0}`)
		require.Equal(t, []any{"talla", "list", []any{"S", "L"}, "conversation_attribute"}, []any{talla["attribute_key"], talla["attribute_display_type"], talla["attribute_values"], talla["attribute_model"]})
		define(`{"attribute_display_name":"Importe","attribute_display_type":"currency","attribute_key":"importe","attribute_model":"conversation_attribute"}`)
		define(`{"attribute_display_name":"Entrega","attribute_display_type":"date","attribute_key":"entrega"}`)
		define(`{"attribute_display_name":"Pagado","attribute_display_type":7,"attribute_key":"pagado"}`)
		define(`{"attribute_display_name":"Edad","attribute_display_type":"number","attribute_key":"edad","attribute_model":1}`)

		var ids []int64
		for _, custom := range []router.Attributes{{"talla": "L", "importe": 9.5, "entrega": "2026-11-20", "pagado": true},
			{"talla": "s", "importe": 100, "entrega": "2026-12-24T10:00:00Z", "pagado": false}, {"importe": "mucho"}} {
			c := o.customer(o.tienda)
			c.says("Hola")
			_, err := o.router.SetCustomAttributes(t.Context(), router.By{Scope: router.Scope{All: true}}, c.id, custom)
			require.NoError(t, err)
			ids = append(ids, c.id)
		}
		filter := func(key, operator, values, more string) (found []int) {
			got := o.must("jefa", "POST", account+"/conversations/filter", fmt.Sprintf(`{"payload":[{"attribute_key":%q,"filter_operator":%q,"values":%s%s}]}`, key, operator, values, more))
			for _, row := range got.payload() {
				for n, id := range ids {
					if row["id"] == float64(id) {
						found = append(found, n)
					}
				}
			}
			return found
		}
		const custom = `,"custom_attribute_type":"conversation_attribute"`
		for _, tt := range []struct {
			key, operator, values string
			want                  []int
		}{
			{"talla", "equal_to", `["l"]`, []int{0}}, {"talla", "is_present", `[]`, []int{0, 1}},
			{"importe", "is_greater_than", `["10"]`, []int{1}}, {"importe", "is_less_than", `[10]`, []int{0}}, {"importe", "equal_to", `[100]`, []int{1}},
			{"importe", "not_equal_to", `[100]`, []int{0, 2}}, {"importe", "is_not_present", `[]`, []int{2}},
			{"entrega", "is_greater_than", `["2026-12-01"]`, []int{1}}, {"entrega", "is_less_than", `["2026-12-01"]`, []int{0}}, {"entrega", "equal_to", `["2026-12-24"]`, []int{1}},
			{"entrega", "days_before", `[1]`, []int{0}},
			{"pagado", "equal_to", `["true"]`, []int{0}}, {"pagado", "equal_to", `[false]`, []int{1, 2}}, {"pagado", "not_equal_to", `[true]`, []int{1, 2}},
		} {
			require.ElementsMatch(t, tt.want, filter(tt.key, tt.operator, tt.values, custom), "%s %s %s", tt.key, tt.operator, tt.values)
			require.ElementsMatch(t, tt.want, filter(tt.key, tt.operator, tt.values, ""), "a key that is defined needs no more")
		}
		for _, c := range [][3]string{{"importe", "contains", `["1"]`}, {"importe", "equal_to", `["mucho"]`}, {"importe", "equal_to", `["NaN"]`}, {"importe", "equal_to", `[]`}, {"entrega", "equal_to", `["ayer"]`},
			{"entrega", "days_before", `[-1]`}, {"pagado", "equal_to", `["si"]`}, {"edad", "equal_to", `[1]`}} {
			o.refused(422, "invalid", "jefa", "POST", account+"/conversations/filter", fmt.Sprintf(`{"payload":[{"attribute_key":%q,"filter_operator":%q,"values":%s}]}`, c[0], c[1], c[2]))
		}
		o.must("jefa", "POST", account+"/contacts", `{"name":"Lucía","custom_attributes":{"edad":40}}`)
		contacts := o.must("jefa", "POST", account+"/contacts/filter", `{"payload":[{"attribute_key":"edad","filter_operator":"is_greater_than","values":[39]}]}`).payload()
		require.Equal(t, []any{"Lucía"}, column(contacts, "name"))
	})
}

func TestDefinitionsOfCustomAttributes(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const path = account + "/custom_attribute_definitions"
		made := o.must("jefa", "POST", path, `{"custom_attribute_definition":{"attribute_display_name":"Pedido","attribute_key":"pedido","attribute_model":"contact_attribute","regex_pattern":"^[0-9]+$","regex_cue":"Solo números"}}`).object()
		one := fmt.Sprintf("%s/%v", path, made["id"])
		require.Equal(t, []any{"text", "^[0-9]+$", "Solo números", []any{}}, []any{made["attribute_display_type"], made["regex_pattern"], made["regex_cue"], made["attribute_values"]})
		require.Equal(t, made, o.must("ana", "GET", one, "").object())
		require.Len(t, o.must("ana", "GET", path+"?attribute_model=1", "").list(), 1)
		require.Empty(t, o.must("ana", "GET", path+"?attribute_model=conversation_attribute", "").list())
		changed := o.must("jefa", "PATCH", one, `{"attribute_display_name":"Número de pedido","attribute_display_type":1}`).object()
		require.Equal(t, []any{"Número de pedido", "number", "pedido"}, []any{changed["attribute_display_name"], changed["attribute_display_type"], changed["attribute_key"]})

		o.refused(422, "taken", "jefa", "POST", path, `{"attribute_display_name":"Otro","attribute_key":"pedido","attribute_model":1}`)
		o.must("jefa", "POST", path, `{"attribute_display_name":"Otro","attribute_key":"pedido","attribute_model":0}`)
		for _, body := range []string{`{}`, `{"attribute_display_name":"A"}`, `{"attribute_key":"a"}`, `{"attribute_display_name":"A","attribute_key":"a b"}`, `{"attribute_display_name":"A","attribute_key":"a\"b"}`,
			`{"attribute_display_name":"A","attribute_key":"a","attribute_display_type":8}`, `{"attribute_display_name":"A","attribute_key":"a","attribute_display_type":"color"}`,
			`{"attribute_display_name":"A","attribute_key":"a","attribute_model":2}`, `{"attribute_display_name":"A","attribute_key":"a","regex_pattern":"("}`,
			`{"attribute_display_name":"A","attribute_key":"a","regex_pattern":"` + strings.Repeat("a", 501) + `"}`,
			`{"attribute_display_name":"A","attribute_key":"a","attribute_values":[` + strings.TrimSuffix(strings.Repeat(`"v",`, 201), ",") + `]}`} {
			o.refused(422, "invalid", "jefa", "POST", path, body)
		}
		o.refused(422, "taken", "jefa", "POST", path, `{"attribute_display_name":"Estado","attribute_key":"status"}`)
		o.refused(422, "invalid", "jefa", "PATCH", one, `{"attribute_key":"otro"}`)
		o.refused(422, "invalid", "jefa", "PATCH", one, `{"attribute_model":0}`)
		o.refused(422, "invalid", "jefa", "GET", path+"?attribute_model=agent", "")
		o.refused(401, "forbidden", "ana", "POST", path, `{"attribute_display_name":"A","attribute_key":"a"}`)
		o.refused(401, "forbidden", "ana", "PATCH", one, `{}`)
		o.refused(401, "forbidden", "ana", "DELETE", one, "")
		o.must("jefa", "DELETE", one, "")
		o.refused(404, "not_found", "jefa", "DELETE", one, "")
	})
}
