// Command relevo is the whole product in one binary: the server, its tools
// for configuration, flows and agents, and a Dialogflow emulator.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run is main for tests, too: it returns the exit status, 0 when all went
// well, and runs until ctx ends where the command is a server.
func run(ctx context.Context, args, env []string, in io.Reader, out, problems io.Writer) int {
	a := &app{env: env, in: in, out: out, problems: problems}
	root := &cobra.Command{
		Use:           "relevo",
		Short:         "A bot-first conversation router with Dialogflow handoff",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration file (default $RELEVO_CONFIG, ./relevo.yaml, /etc/relevo/relevo.yaml)")
	root.AddCommand(a.serveCommand(), a.migrateCommand(), a.configCommand(), a.flowCommand(), a.agentCommand(), a.openapiCommand(), emulatorCommand())
	for _, group := range root.Commands() {
		if group.HasSubCommands() {
			refuseUnknown(group)
		}
	}
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(problems)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(problems, "relevo: %v\n", err)
		return 1
	}
	return 0
}

// refuseUnknown makes a mistyped command an error; cobra would show the help
// and call it a success.
func refuseUnknown(group *cobra.Command) {
	group.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return fmt.Errorf("unknown command %q: see %s --help", args[0], cmd.CommandPath())
	}
}

// app is what every command shares.
type app struct {
	env        []string
	in         io.Reader
	out        io.Writer
	problems   io.Writer
	configPath string
}
