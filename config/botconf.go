package config

import "time"

// Bot is one agent at a provider of language understanding.
type Bot struct {
	Name            string   `yaml:"name" jsonschema:"required"` // how flows call it
	Provider        string   `yaml:"provider" jsonschema:"enum=dialogflow_es"`
	Project         string   `yaml:"project,omitempty"`
	Location        string   `yaml:"location"`    // "global" or a region; the endpoint follows from it
	Environment     string   `yaml:"environment"` // "draft" or a published environment
	Language        string   `yaml:"language" jsonschema:"required"`
	CredentialsFile string   `yaml:"credentials_file,omitempty"`
	CredentialsEnv  string   `yaml:"credentials_env,omitempty"`
	Endpoint        string   `yaml:"endpoint,omitempty"` // host:port of an emulator, without TLS
	Emulator        string   `yaml:"emulator,omitempty"` // EmulatorDemo, or the path of an exported agent
	Timeout         Duration `yaml:"timeout"`            // for one answer, retry included
	RatePerMinute   int      `yaml:"rate_per_minute" jsonschema:"minimum=1"`

	// Credentials is the service account key (JSON) of CredentialsFile or
	// CredentialsEnv. When it is not set, the machine's own account is used
	// (Application Default Credentials).
	Credentials Secret `yaml:"-"`
}

// ProviderDialogflowES is the provider that Bot.Provider may name.
const ProviderDialogflowES = "dialogflow_es"

// EmulatorDemo as Bot.Emulator is the agent that Relevo brings along.
const EmulatorDemo = "demo"

// setDefaults fills what a bot need not say.
func (b *Bot) setDefaults() {
	b.Provider = ProviderDialogflowES
	b.Location = "global"
	b.Environment = "draft"
	b.Timeout = Duration(9 * time.Second)
	b.RatePerMinute = 540 // of the 600 that Google allows
}
