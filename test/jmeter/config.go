package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// config are the arguments.
type config struct {
	Plans      []string          `arg:"" optional:"" help:"Plans: send, pull, mixed; by default all."`
	Properties map[string]string `short:"J" name:"property" placeholder:"NAME=VALUE" help:"A property for JMeter: host (localhost), port (8080), threads (50), rate (50 requests a second, of all threads; with several, separated by commas, each plan runs at each), seconds (10), chats (100), limit (10), or one of JMeter's own."`
}

// plans are the names of the files, without their ends.
var plans = []string{"send", "pull", "mixed"}

// numbers are the plans' properties that are numbers, with the largest ones.
var numbers = map[string]int{
	"port": 65_535, "threads": 10_000, "rate": 100_000, "seconds": 86_400, "chats": 1_000_000, "limit": 1_000,
}

// texts are the plans' other properties. Chats of the same run are the same.
var texts = []string{"host", "run"}

// Validate checks what kong cannot, and sets the default plans. Kong calls it. JMeter
// itself accepts a property that no plan reads, and a number that is none.
func (c *config) Validate() error {
	if len(c.Plans) == 0 {
		c.Plans = plans
	}
	for _, plan := range c.Plans {
		if !slices.Contains(plans, plan) {
			return fmt.Errorf("there is no plan %s; there are %s", plan, strings.Join(plans, ", "))
		}
	}
	return c.validateProperties()
}

func (c *config) validateProperties() error {
	for name, value := range c.Properties {
		highest, isNumber := numbers[name]
		switch {
		case name == "rate":
			for _, rate := range c.rates() {
				if err := checkNumber(name, rate, highest); err != nil {
					return err
				}
			}
		case isNumber:
			if err := checkNumber(name, value, highest); err != nil {
				return err
			}
		case slices.Contains(texts, name):
			if value == "" {
				return errors.New(name + " must not be empty")
			}
		case !strings.Contains(name, "."): // JMeter's own have dots
			known := slices.Sorted(maps.Keys(numbers))
			return fmt.Errorf("no plan has a property %s; there are %s", name, strings.Join(append(known, texts...), ", "))
		}
	}
	return nil
}

func checkNumber(name, value string, highest int) error {
	if n, err := strconv.Atoi(value); err != nil || n < 1 || n > highest {
		return fmt.Errorf("%s must be a number from 1 to %d", name, highest)
	}
	return nil
}

// rates returns the rates to run at, of which there is at least one.
func (c *config) rates() []string {
	rate, ok := c.Properties["rate"]
	if !ok {
		rate = "50"
	}
	return strings.Split(rate, ",")
}

// at returns the properties for a run at rate, each name=value.
func (c *config) at(rate string) []string {
	properties := []string{"rate=" + rate}
	for _, name := range slices.Sorted(maps.Keys(c.Properties)) {
		if name != "rate" {
			properties = append(properties, name+"="+c.Properties[name])
		}
	}
	return properties
}
