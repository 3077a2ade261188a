package router

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"relevo/router/fault"
)

// CannedResponse is an answer that agents write once and use often.
type CannedResponse struct {
	ID        int64
	ShortCode string // what agents type after "/"
	Content   string // may hold variables: see RenderCanned
	CreatedAt time.Time
	UpdatedAt time.Time
}

const (
	maxShortCode    = 100 // runes
	maxCannedSearch = 255
)

// CannedResponses lists all by short code or, where search is not blank, those
// that have it in any letter case: short codes that start with it first, then
// those that contain it, then texts that do. There are few enough to look
// through, which finds "Ñ" for "ñ" on every database.
func (r *Router) CannedResponses(ctx context.Context, search string) ([]*CannedResponse, error) {
	search = strings.TrimSpace(search)
	if detail := badText(search, maxCannedSearch); detail != "" {
		return nil, fault.Invalid.Field(detail, "search")
	}
	all := []*CannedResponse{}
	if err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM canned_responses").Scan(&all).Error; err != nil {
		return nil, fmt.Errorf("canned responses: %w", err)
	}
	word := strings.ToLower(search)
	all = slices.DeleteFunc(all, func(c *CannedResponse) bool { return c.rank(word) == 0 })
	slices.SortFunc(all, func(a, b *CannedResponse) int {
		return cmp.Or(b.rank(word)-a.rank(word), strings.Compare(a.ShortCode, b.ShortCode))
	})
	return all, nil
}

// rank says how well c answers a search in small letters; 0 is not at all.
func (c *CannedResponse) rank(word string) int {
	code := strings.ToLower(c.ShortCode)
	switch {
	case strings.HasPrefix(code, word):
		return 3
	case strings.Contains(code, word):
		return 2
	case strings.Contains(strings.ToLower(c.Content), word):
		return 1
	}
	return 0
}

// CannedResponse returns one.
func (r *Router) CannedResponse(ctx context.Context, id int64) (*CannedResponse, error) {
	return findCanned(r.db.Read().WithContext(ctx), id)
}

func findCanned(db *gorm.DB, id int64) (*CannedResponse, error) {
	var c CannedResponse
	if err := db.Raw("SELECT * FROM canned_responses WHERE id = ?", id).Scan(&c).Error; err != nil {
		return nil, fmt.Errorf("canned response %d: %w", id, err)
	}
	if c.ID == 0 {
		return nil, fault.NotFound
	}
	return &c, nil
}

// AddCannedResponse stores one. A short code that is there is fault.Taken.
func (r *Router) AddCannedResponse(ctx context.Context, shortCode, content string) (*CannedResponse, error) {
	c := CannedResponse{ShortCode: strings.TrimSpace(shortCode), Content: content, CreatedAt: r.now()}
	c.UpdatedAt = c.CreatedAt
	if err := c.check(); err != nil {
		return nil, err
	}
	err := r.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Raw("INSERT INTO canned_responses (short_code, content, created_at, updated_at) VALUES (?, ?, ?, ?) RETURNING id",
			c.ShortCode, c.Content, c.CreatedAt, c.UpdatedAt).Scan(&c.ID).Error
	})
	return &c, taken(err, "short_code", "add canned response")
}

// UpdateCannedResponse changes what is not nil.
func (r *Router) UpdateCannedResponse(ctx context.Context, id int64, shortCode, content *string) (*CannedResponse, error) {
	var c *CannedResponse
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if err := r.lockRow(tx, "canned_responses", id); err != nil {
			return err
		}
		if c, err = findCanned(tx, id); err != nil {
			return err
		}
		if shortCode != nil {
			c.ShortCode = strings.TrimSpace(*shortCode)
		}
		if content != nil {
			c.Content = *content
		}
		if err := c.check(); err != nil {
			return err
		}
		c.UpdatedAt = r.now()
		return tx.Exec("UPDATE canned_responses SET short_code = ?, content = ?, updated_at = ? WHERE id = ?", c.ShortCode, c.Content, c.UpdatedAt, id).Error
	})
	return c, taken(err, "short_code", "update canned response")
}

// RemoveCannedResponse takes one out.
func (r *Router) RemoveCannedResponse(ctx context.Context, id int64) error {
	return r.removeRow(ctx, "canned_responses", id)
}

func (c *CannedResponse) check() error {
	if detail := badText(c.ShortCode, maxShortCode); detail != "" {
		return fault.Invalid.Field(detail, "short_code")
	}
	if detail := badText(c.Content, maxContent); detail != "" {
		return fault.Invalid.Field(detail, "content")
	}
	switch {
	case c.ShortCode == "":
		return fault.Invalid.Field("blank", "short_code")
	case strings.TrimSpace(c.Content) == "":
		return fault.Invalid.Field("blank", "content")
	}
	return nil
}

var variable = regexp.MustCompile(`\{\{\s*([a-z_]+(?:\.[a-zA-Z0-9_-]+)+)\s*\}\}`)

// RenderCanned puts values in the place of variables such as {{contact.name}}.
// A variable that is known but has no value leaves nothing; one that is not
// known stays as it is, so that whoever writes sees the mistake. What a value
// holds is never read as a variable.
func RenderCanned(content string, values map[string]string) string {
	return variable.ReplaceAllStringFunc(content, func(place string) string {
		name := variable.FindStringSubmatch(place)[1]
		if value, ok := values[name]; ok {
			return value
		}
		for _, any := range []string{"contact.custom_attribute.", "conversation.custom_attribute."} {
			if strings.HasPrefix(name, any) {
				return ""
			}
		}
		return place
	})
}

// CannedValues returns what the variables of a canned response stand for in a
// conversation, for an agent who answers it.
func CannedValues(v *View, a *Agent) map[string]string {
	values := map[string]string{
		"contact.id": strconv.FormatInt(v.Contact.ID, 10), "contact.email": v.Contact.Email, "contact.phone": v.Contact.PhoneNumber,
		"conversation.id": strconv.FormatInt(v.Conversation.ID, 10),
		"agent.email":     a.Email, "inbox.id": strconv.FormatInt(v.Conversation.InboxID, 10),
	}
	if v.Inbox != nil {
		values["inbox.name"] = v.Inbox.Name
	}
	for who, name := range map[string]string{"contact": v.Contact.Name, "agent": a.AvailableName()} {
		words := strings.Fields(name)
		values[who+".name"] = name
		values[who+".first_name"], values[who+".last_name"] = "", ""
		if len(words) > 0 {
			values[who+".first_name"] = words[0]
		}
		if len(words) > 1 {
			values[who+".last_name"] = words[len(words)-1]
		}
	}
	for prefix, attributes := range map[string]Attributes{"contact": v.Contact.CustomAttributes, "conversation": v.Conversation.CustomAttributes} {
		for key, value := range attributes {
			values[prefix+".custom_attribute."+key] = fmt.Sprint(value)
		}
	}
	return values
}
