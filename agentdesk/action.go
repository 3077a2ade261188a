package agentdesk

import "relevo/router/api"

// actionRoutes adds what agents do with a conversation and its messages beside
// answering and changing its status.
func (d *Desk) actionRoutes(s *api.Server) {
	const (
		one      = account + "/conversations/:conversation_id"
		message  = one + "/messages/:message_id"
		unsent   = one + "/draft_messages"
		wrapping = "conversation"
	)
	agents, bots := s.Group("", api.ForAgents, d.authenticate), s.Group("", api.ForAgentsAndBots, d.authenticate)
	administrators := s.Group("", api.ForAdministrators, d.authenticate)

	api.Handle(bots, api.Operation{Method: "POST", Path: account + "/conversations", Summary: "Start a conversation", Wrap: wrapping}, d.createConversation)
	api.Handle(bots, api.Operation{Method: "PATCH", Path: one, Summary: "Change the priority", Wrap: wrapping}, d.updateConversation)
	api.Handle(administrators, api.Operation{Method: "DELETE", Path: one, Summary: "Remove a conversation for good"}, d.deleteConversation)
	api.Handle(bots, api.Operation{Method: "POST", Path: one + "/toggle_priority", Summary: "Set or remove the priority", Wrap: wrapping}, d.setPriority)
	api.Handle(bots, api.Operation{Method: "POST", Path: one + "/custom_attributes", Summary: "Replace the custom attributes", Wrap: wrapping}, d.setCustomAttributes)
	api.Handle(bots, api.Operation{Method: "POST", Path: one + "/toggle_typing_status", Summary: "Tell that the agent is typing, or stopped"}, d.toggleTyping)
	api.Handle(agents, api.Operation{Name: "muteConversation", Method: "POST", Path: one + "/mute", Summary: "Block the customer and resolve"}, d.mute)
	api.Handle(agents, api.Operation{Name: "unmuteConversation", Method: "POST", Path: one + "/unmute", Summary: "Let the customer in again"}, d.unmute)
	api.Handle(agents, api.Operation{Method: "POST", Path: one + "/unread", Summary: "Make the customer's last word unread again"}, d.markUnread)
	api.Handle(agents, api.Operation{Method: "GET", Path: one + "/attachments", Summary: "Files of a conversation, the newest first"}, d.listAttachments)

	api.Handle(agents, api.Operation{Method: "GET", Path: unsent, Summary: "What the agent wrote and did not send"}, d.showUnsent)
	api.Handle(agents, api.Operation{Method: "PATCH", Path: unsent, Summary: "Keep what the agent has written so far", Wrap: "draft_message"}, d.keepUnsent)
	api.Handle(agents, api.Operation{Method: "DELETE", Path: unsent, Summary: "Forget what the agent did not send"}, d.forgetUnsent)

	api.Handle(agents, api.Operation{Method: "DELETE", Path: message, Summary: "Delete a message; its place stays"}, d.deleteMessage)
	api.Handle(administrators, api.Operation{Method: "GET", Path: message + "/original", Summary: "What a deleted message said"}, d.showOriginal)
	api.Handle(agents, api.Operation{Method: "POST", Path: message + "/retry", Summary: "Send a failed message again"}, d.retryMessage)
	api.Handle(agents, api.Operation{Method: "PATCH", Path: message, Summary: "Report how far a message came (API inboxes)", Wrap: "message"}, d.updateMessageStatus)

	api.Handle(agents, api.Operation{Name: "changeConversations", Method: "POST", Path: account + "/bulk_actions", Summary: "Do the same to many conversations"}, d.bulk)
}
