package agentdesk

import (
	"context"
	"strings"

	"relevo/router"
	"relevo/router/api"
)

// notificationSettingsJSON is what an agent wants by mail and on devices, each
// kind under the dialect's name: "email_conversation_assignment".
type notificationSettingsJSON struct {
	ID                 int64    `json:"id"`
	UserID             int64    `json:"user_id"`
	AccountID          int64    `json:"account_id"`
	AllEmailFlags      []string `json:"all_email_flags"`
	SelectedEmailFlags []string `json:"selected_email_flags"`
	AllPushFlags       []string `json:"all_push_flags"`
	SelectedPushFlags  []string `json:"selected_push_flags"`
}

// notificationChoice changes them; what is not sent stays. Names are taken
// with and without "email_" and "push_".
type notificationChoice struct {
	accountPath
	Email api.Optional[[]string] `json:"selected_email_flags" maxLength:"100"`
	Push  api.Optional[[]string] `json:"selected_push_flags" maxLength:"100"`
}

func (d *Desk) showNotificationSettings(ctx context.Context, _ *accountPath) (notificationSettingsJSON, error) {
	agent := callerFrom(ctx).agent.ID
	s, err := d.router.NotificationSettings(ctx, agent)
	if err != nil {
		return notificationSettingsJSON{}, err
	}
	return notificationSettingsJSON{ID: agent, UserID: agent, AccountID: accountID,
		AllEmailFlags: flags("email_", router.NotificationKinds), SelectedEmailFlags: flags("email_", s.Email),
		AllPushFlags: flags("push_", router.NotificationKinds), SelectedPushFlags: flags("push_", s.Push)}, nil
}

func (d *Desk) updateNotificationSettings(ctx context.Context, in *notificationChoice) (notificationSettingsJSON, error) {
	err := d.router.SetNotificationSettings(ctx, callerFrom(ctx).agent.ID,
		router.NotificationSettings{Email: kinds("email_", in.Email), Push: kinds("push_", in.Push)})
	if err != nil {
		return notificationSettingsJSON{}, err
	}
	return d.showNotificationSettings(ctx, &in.accountPath)
}

func flags(prefix string, kinds []router.NotificationKind) []string {
	out := []string{}
	for _, k := range kinds {
		out = append(out, prefix+string(k))
	}
	return out
}

// kinds returns nil for a list that was not sent.
func kinds(prefix string, chosen api.Optional[[]string]) []router.NotificationKind {
	if !chosen.Set {
		return nil
	}
	out := []router.NotificationKind{}
	for _, flag := range chosen.Value {
		out = append(out, router.NotificationKind(strings.TrimPrefix(flag, prefix)))
	}
	return out
}
