package router

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"relevo/router/address"
	"relevo/router/fault"
)

const maxAgentText = 255 // runes of a name, an e-mail address

// AgentDraft is what is said of an agent; nil fields say nothing.
type AgentDraft struct {
	Name, DisplayName, Email, Availability, TimeZone, PasswordHash *string
	Role                                                           *Role
	AutoOffline                                                    *bool
}

// Agents lists those who are there, by name.
func (r *Router) Agents(ctx context.Context) ([]*Agent, error) {
	agents := []*Agent{}
	err := r.db.Read().WithContext(ctx).Raw("SELECT * FROM agents WHERE removed_at IS NULL ORDER BY name, id").Scan(&agents).Error
	if err != nil {
		return nil, fmt.Errorf("agents: %w", err)
	}
	return agents, nil
}

// Agent returns one agent who is there.
func (r *Router) Agent(ctx context.Context, id int64) (*Agent, error) {
	return oneAgent(r.db.Read().WithContext(ctx), "id = ? AND removed_at IS NULL", id)
}

// AgentByEmail returns the agent who is there with an e-mail address, in any
// case.
func (r *Router) AgentByEmail(ctx context.Context, email string) (*Agent, error) {
	return oneAgent(r.db.Read().WithContext(ctx), "email = ? AND removed_at IS NULL", foldEmail(email))
}

func oneAgent(db *gorm.DB, where string, arg any) (*Agent, error) {
	var a Agent
	if err := db.Raw("SELECT * FROM agents WHERE "+where, arg).Scan(&a).Error; err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if a.ID == 0 {
		return nil, fault.NotFound
	}
	return &a, nil
}

// UpdateAgent changes an agent and returns them as they are now. An e-mail
// that another has is fault.Taken. The last administrator stays one. A new
// password ends the agent's sessions but the one with the hash keep.
func (r *Router) UpdateAgent(ctx context.Context, id int64, d AgentDraft, keep string) (*Agent, error) {
	var was, a *Agent
	err := r.db.Tx(ctx, func(tx *gorm.DB) (err error) {
		if a, err = r.lockAgent(tx, id); err != nil {
			return err
		}
		if a.RemovedAt != nil {
			return fault.NotFound
		}
		stored := *a
		was = &stored
		d.apply(a)
		if err := a.check(); err != nil {
			return err
		}
		if was.Role == RoleAdministrator && a.Role != RoleAdministrator {
			if err := lastAdministrator(tx, id, "role"); err != nil {
				return err
			}
		}
		if d.PasswordHash != nil {
			if err := tx.Exec("DELETE FROM sessions WHERE agent_id = ? AND hash <> ?", id, keep).Error; err != nil {
				return err
			}
		}
		a.UpdatedAt = r.now()
		return tx.Exec(`UPDATE agents SET name = ?, display_name = ?, email = ?, role = ?, availability = ?, auto_offline = ?,
			time_zone = ?, password_hash = ?, updated_at = ? WHERE id = ?`, a.Name, a.DisplayName, a.Email, string(a.Role),
			a.Availability, a.AutoOffline, a.TimeZone, a.PasswordHash, a.UpdatedAt, id).Error
	})
	if err := r.agentSaved(err, "update agent"); err != nil {
		return nil, err
	}
	r.tellOf(was, a)
	return a, nil
}

// tellOf tells whoever listens what is different about an agent, and looks for
// what waits for one who is there now.
func (r *Router) tellOf(was, is *Agent) {
	var h Happened
	now := r.now()
	before, after := was.Presence(now), is.Presence(now)
	if before != after {
		h.Present = []int64{is.ID}
	}
	if was.Role != is.Role || was.RemovedAt == nil && is.RemovedAt != nil {
		h.Members = []int64{is.ID}
	}
	if h.Present != nil || h.Members != nil {
		r.opts.Live(h)
	}
	if before != after && after == Online {
		r.tryWaiting()
	}
}

// agentSaved says in the caller's words what became of a write to an agent.
func (r *Router) agentSaved(err error, doing string) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Taken.Field("taken", "email")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// lockAgent locks every administrator and then the agent, always in that
// order, so that two administrators who remove each other do not both succeed.
func (r *Router) lockAgent(tx *gorm.DB, id int64) (*Agent, error) {
	var ids []int64
	err := tx.Raw("SELECT id FROM agents WHERE role = ? AND removed_at IS NULL ORDER BY id"+r.db.ForUpdate(false), string(RoleAdministrator)).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("lock administrators: %w", err)
	}
	return oneAgent(tx, "id = ?"+r.db.ForUpdate(false), id)
}

// lastAdministrator refuses to lose the only administrator.
func lastAdministrator(tx *gorm.DB, id int64, field string) error {
	var others int64
	err := tx.Raw("SELECT count(*) FROM agents WHERE role = ? AND removed_at IS NULL AND id <> ?", string(RoleAdministrator), id).Scan(&others).Error
	if err != nil {
		return fmt.Errorf("count administrators: %w", err)
	}
	if others == 0 {
		return fault.Invalid.Field("last_administrator", field)
	}
	return nil
}

func (d AgentDraft) apply(a *Agent) {
	for to, from := range map[*string]*string{&a.Name: d.Name, &a.DisplayName: d.DisplayName, &a.Email: d.Email,
		&a.Availability: d.Availability, &a.TimeZone: d.TimeZone, &a.PasswordHash: d.PasswordHash} {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	a.Email = foldEmail(a.Email)
	if d.Role != nil {
		a.Role = *d.Role
	}
	if d.AutoOffline != nil {
		a.AutoOffline = *d.AutoOffline
	}
}

// check refuses what cannot be an agent.
func (a *Agent) check() error {
	for field, text := range map[string]string{"name": a.Name, "display_name": a.DisplayName, "email": a.Email} {
		if detail := badText(text, maxAgentText); detail != "" {
			return fault.Invalid.Field(detail, field)
		}
	}
	switch {
	case a.Name == "":
		return fault.Invalid.Field("blank", "name")
	case !isEmail(a.Email):
		return fault.Invalid.Field("not_an_email", "email")
	case a.Role != RoleAgent && a.Role != RoleAdministrator:
		return fault.Invalid.Field("unknown", "role")
	case !slices.Contains([]string{Online, Busy, Offline}, a.Availability):
		return fault.Invalid.Field("unknown", "availability")
	}
	if _, err := time.LoadLocation(a.TimeZone); err != nil || a.TimeZone == "Local" {
		return fault.Invalid.Field("not_a_time_zone", "time_zone")
	}
	return nil
}

// badText says what is wrong with a short text, a key under "fault.detail.",
// or "".
func badText(s string, runes int) string {
	switch {
	case !utf8.ValidString(s):
		return "not_utf8"
	case strings.ContainsRune(s, 0):
		return "nul_byte"
	case utf8.RuneCountInString(s) > runes:
		return fault.Limit("too_long", runes)
	}
	return ""
}

func foldEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// isEmail reports whether s is an address and nothing else: no name beside it.
func isEmail(s string) bool {
	_, ok := address.Parse(s)
	return ok
}
