package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relevo/config"
)

// loader reads the configuration again and again, from the file that is found
// now: one that is moved away later is an error, not another configuration.
func (a *app) loader() func() (*config.Config, error) {
	found := *a
	found.configPath = config.Find(a.configPath, a.env)
	return found.load
}

// load reads the configuration that the flags and the environment name.
func (a *app) load() (*config.Config, error) {
	c, err := config.Load(config.Find(a.configPath, a.env), a.env)
	if err != nil {
		return nil, fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	return c, nil
}

// checkEmulated loads the agents that are emulated, as serve would.
func checkEmulated(c *config.Config) error {
	var errs []error
	for _, b := range c.Bots {
		if b.Emulator == "" {
			continue
		}
		if _, err := loadAgent(b.Emulator); err != nil {
			errs = append(errs, fmt.Errorf("bot %q: %w", b.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (a *app) configCommand() *cobra.Command {
	parent := &cobra.Command{Use: "config", Short: "Check, print and describe the configuration"}
	parent.AddCommand(
		&cobra.Command{Use: "check", Short: "Say everything that is wrong with the configuration, with key and line", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, err := a.load()
				if err != nil {
					return err
				}
				if err := checkEmulated(c); err != nil {
					return err
				}
				for _, w := range c.Warnings {
					fmt.Fprintf(a.out, "warning: %s\n", w)
				}
				fmt.Fprintf(a.out, "fine: %d inboxes, %d bots, %d flows\n", len(c.Inboxes), len(c.Bots), len(c.Flows))
				return nil
			}},
		&cobra.Command{Use: "print", Short: "Print the configuration in force, defaults and environment included, secrets masked", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				c, err := a.load()
				if err != nil {
					return err
				}
				return c.Print(a.out)
			}},
		&cobra.Command{Use: "schema", Short: "Print the JSON Schema of relevo.yaml, for editors", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := fmt.Fprintf(a.out, "%s\n", config.Schema())
				return err
			}},
		&cobra.Command{Use: "example", Short: "Print a relevo.yaml with every key explained", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error {
				_, err := a.out.Write(config.Example)
				return err
			}},
	)
	return parent
}
