package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

type object = map[string]any

// record is a line of a sealed log.
type record struct {
	run         string
	index       int64
	stated      string
	leaf        tlog.Hash
	checkpoints []string
	proof       object
}

func parseObject(line string) (object, error) {
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.UseNumber()
	var parsed object
	err := decoder.Decode(&parsed)
	return parsed, err
}

// readRecord computes the leaf of a line, from what docs/evidence.md says about its format.
func readRecord(line string) (record, error) {
	parsed, err := parseObject(line)
	if err != nil {
		return record{}, err
	}
	proof, _ := parsed["proof"].(object)
	delete(parsed, "proof")
	var found record
	var facts object
	switch {
	case parsed["audit"] != nil:
		facts = at(parsed, "audit")
		found = takeAudit(facts)
	case parsed["Audit"] != nil:
		facts = at(parsed, "Audit")
		found = takeEcs(parsed)
	case parsed["class_uid"] != nil:
		facts = at(parsed, "unmapped")
		found, err = takeOcsf(parsed)
	default:
		err = errors.New("no record")
	}
	if err != nil {
		return record{}, err
	}
	found.proof = proof
	found.checkpoints = readCheckpoints(facts)
	var entry strings.Builder
	err = canonicalize(&entry, parsed)
	found.leaf = tlog.RecordHash([]byte(entry.String()))
	return found, err
}

// takeAudit removes what is not sealed, and returns what it says of the place of the record.
func takeAudit(audit object) record {
	integrity := at(audit, "integrity")
	found := record{run: text(audit["run"]), index: toIndex(integrity["index"]), stated: text(integrity["hash"])}
	delete(integrity, "hash")
	delete(audit, "id")
	return found
}

func takeEcs(parsed object) record {
	event, audit := at(parsed, "event"), at(parsed, "Audit")
	found := record{run: text(audit["run"]), index: toIndex(at(audit, "integrity")["index"]), stated: text(event["hash"])}
	for _, name := range []string{"@timestamp", "ecs.version", "host", "source", "related"} {
		delete(parsed, name)
	}
	for _, name := range []string{"hash", "id", "dataset"} {
		delete(event, name)
	}
	return found
}

func takeOcsf(parsed object) (record, error) {
	list, _ := parsed["attestation_list"].([]any)
	if len(list) != 1 {
		return record{}, errors.New("no attestation")
	}
	attestation, _ := list[0].(object)
	fingerprint := at(attestation, "fingerprint")
	found := record{run: text(attestation["chain_uid"]), index: toIndex(json.Number(text(attestation["uid"]))), stated: text(fingerprint["value"])}
	delete(fingerprint, "value")
	delete(at(parsed, "metadata"), "uid")
	return found, nil
}

// readCheckpoints returns the notes of a record: its own, and those of the runs before.
func readCheckpoints(facts object) []string {
	var notes []string
	if note := text(at(facts, "checkpoint")["note"]); note != "" {
		notes = append(notes, note)
	}
	previous, _ := facts["previous_checkpoints"].([]any)
	for _, note := range previous {
		notes = append(notes, text(note))
	}
	return notes
}

func at(parsed object, name string) object {
	member, _ := parsed[name].(object)
	return member
}

func text(value any) string {
	text, _ := value.(string)
	return text
}

func toIndex(value any) int64 {
	index, err := strconv.ParseInt(fmt.Sprint(value), 10, 64)
	if err != nil {
		return -1
	}
	return index
}
