package agentdesk

import (
	"context"

	"relevo/router"
	"relevo/router/api"
	"relevo/router/fault"
)

// profileChange is what agents may change of themselves.
type profileChange struct {
	Name                 api.Optional[string] `json:"name" maxLength:"255"`
	DisplayName          api.Optional[string] `json:"display_name" maxLength:"255"`
	Email                api.Optional[string] `json:"email" maxLength:"255"`
	TimeZone             api.Optional[string] `json:"time_zone" maxLength:"64" doc:"IANA name; empty for the inbox's"`
	CurrentPassword      string               `json:"current_password" maxLength:"128"`
	Password             string               `json:"password" maxLength:"128"`
	PasswordConfirmation api.Optional[string] `json:"password_confirmation" maxLength:"128"`
}

type availabilityChange struct {
	Availability string `json:"availability" required:"true" enum:"online,busy,offline"`
}

type autoOfflineChange struct {
	AutoOffline bool `json:"auto_offline" required:"true"`
}

func (d *Desk) routeProfile(s *api.Server) {
	g := s.Group("/api/v1/profile", api.ForAgents, d.authenticate)
	api.Handle(g, api.Operation{Method: "GET", Path: "", Summary: "The agent who calls"}, d.showProfile)
	api.Handle(g, api.Operation{Method: "PUT", Path: "", Summary: "Change one's own name, address, time zone, password", Wrap: "profile"}, d.updateProfile)
	api.Handle(g, api.Operation{Method: "POST", Path: "/availability", Summary: "Be online, busy or offline", Wrap: "profile"}, d.setAvailability)
	api.Handle(g, api.Operation{Method: "POST", Path: "/auto_offline", Summary: "Be offline without a sign of life, or not", Wrap: "profile"}, d.setAutoOffline)
	api.Handle(g, api.Operation{Method: "POST", Path: "/reset_access_token", Summary: "Exchange one's API tokens for a new one, shown this once"}, d.resetToken)
}

func (d *Desk) showProfile(ctx context.Context, _ *struct{}) (profileJSON, error) {
	a, err := d.router.Agent(ctx, callerFrom(ctx).agent.ID) // as it is now: the caller may be some seconds old
	if err != nil {
		return profileJSON{}, err
	}
	return d.presentProfile(a), nil
}

func (d *Desk) updateProfile(ctx context.Context, in *profileChange) (profileJSON, error) {
	draft := router.AgentDraft{Name: in.Name.Pointer(), DisplayName: in.DisplayName.Pointer(),
		Email: in.Email.Pointer(), TimeZone: in.TimeZone.Pointer()}
	if in.Password != "" {
		hash, err := d.newPassword(ctx, in)
		if err != nil {
			return profileJSON{}, err
		}
		draft.PasswordHash = &hash
	}
	return d.changeSelf(ctx, draft)
}

// newPassword returns the hash of an agent's new password, if they know the
// old one. Whoever has none yet need not.
func (d *Desk) newPassword(ctx context.Context, in *profileChange) (string, error) {
	if in.PasswordConfirmation.Set && in.PasswordConfirmation.Value != in.Password {
		return "", fault.Invalid.Field("not_repeated", "password_confirmation")
	}
	a, err := d.router.Agent(ctx, callerFrom(ctx).agent.ID)
	if err != nil {
		return "", err
	}
	if a.PasswordHash != "" {
		back, err := d.perPair.Try("own " + a.Email)
		if err != nil {
			return "", err
		}
		same, err := isPassword(ctx, in.CurrentPassword, a.PasswordHash)
		if err != nil {
			return "", err
		}
		if !same {
			return "", fault.Invalid.Field("wrong_password", "current_password")
		}
		back()
	}
	return HashPassword(ctx, in.Password)
}

func (d *Desk) setAvailability(ctx context.Context, in *availabilityChange) (profileJSON, error) {
	return d.changeSelf(ctx, router.AgentDraft{Availability: &in.Availability})
}

func (d *Desk) setAutoOffline(ctx context.Context, in *autoOfflineChange) (profileJSON, error) {
	return d.changeSelf(ctx, router.AgentDraft{AutoOffline: &in.AutoOffline})
}

func (d *Desk) changeSelf(ctx context.Context, draft router.AgentDraft) (profileJSON, error) {
	who := callerFrom(ctx)
	a, err := d.router.UpdateAgent(ctx, who.agent.ID, draft, who.session)
	if err != nil {
		return profileJSON{}, err
	}
	d.known.forgetAll()
	return d.presentProfile(a), nil
}

func (d *Desk) resetToken(ctx context.Context, _ *struct{}) (profileJSON, error) {
	a, err := d.router.Agent(ctx, callerFrom(ctx).agent.ID)
	if err != nil {
		return profileJSON{}, err
	}
	token, hash := NewToken()
	if err := d.router.ReplaceToken(ctx, a.ID, hash); err != nil {
		return profileJSON{}, err
	}
	d.known.forgetAll()
	out := d.presentProfile(a)
	out.AccessToken = token
	return out, nil
}
