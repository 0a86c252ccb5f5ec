// The import lets `go mod tidy` keep the requirements. What is built is the command github.com/elastic/beats/v7/filebeat.
package main

import _ "github.com/elastic/beats/v7/filebeat/cmd"

func main() {}
