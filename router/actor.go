package router

// ActorKind says what sort of somebody acts.
type ActorKind string

const (
	KindContact ActorKind = "contact"
	KindAgent   ActorKind = "agent"
	KindBot     ActorKind = "bot"
	KindSystem  ActorKind = "system"
	KindWebhook ActorKind = "webhook" // only of notifications: the one that fails
)

// Actor is who does something to a conversation: named in activity lines,
// stored as the sender of messages.
type Actor struct {
	Kind ActorKind
	ID   int64 // of the agent or contact; 0 for the bot and the system
	Name string
}

// System is the router itself.
var System = Actor{Kind: KindSystem}

// ActorFor returns a as an actor.
func ActorFor(a *Agent) Actor { return Actor{Kind: KindAgent, ID: a.ID, Name: a.Name} }
