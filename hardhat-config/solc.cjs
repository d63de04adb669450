// The npm build of solc with the two options that py-solc-x and forge use: --version and --standard-json.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const soljson = require(path.join(__dirname, "node_modules", "solc", "soljson.js"));

const NO_CALLBACK = 0;

function version() {
  return soljson.UTF8ToString(soljson._solidity_version());
}

// Copies the input to the wasm heap directly: the usual string wrapper puts it on the stack and fails for large inputs.
function compile(input) {
  const bytes = Buffer.from(input, "utf8");
  const pointer = soljson._solidity_alloc(bytes.length + 1);
  soljson.HEAPU8.set(bytes, pointer);
  soljson.HEAPU8[pointer + bytes.length] = 0;
  return soljson.UTF8ToString(soljson._solidity_compile(pointer, NO_CALLBACK, NO_CALLBACK));
}

function main(args) {
  if (args.includes("--version")) {
    return `solc, the solidity compiler commandline interface\nVersion: ${version()}\n`;
  }
  if (args.includes("--standard-json")) {
    return compile(fs.readFileSync(0, "utf8"));
  }
  process.stderr.write("this solc answers --version and --standard-json only\n");
  process.exitCode = 1;
  return "";
}

process.stdout.write(main(process.argv.slice(2)));
