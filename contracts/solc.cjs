#!/usr/bin/env node
// The solc of npm with the command line that forge speaks: --version and --standard-json.
const { readFileSync } = require("node:fs");
const solc = require("solc");

if (process.argv.includes("--version"))
  process.stdout.write(`solc, the solidity compiler\nVersion: ${solc.version()}\n`);
else process.stdout.write(solc.compile(readFileSync(0, "utf8")));
