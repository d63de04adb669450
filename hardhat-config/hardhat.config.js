import { fileURLToPath } from "node:url";

// The same compiler and settings as scripts/solidity/compile.py, so that both give the same bytecode.
const soljson = fileURLToPath(new URL("./node_modules/solc/soljson.js", import.meta.url));

export default {
  solidity: {
    compilers: [
      {
        version: "0.8.30",
        path: soljson,
        settings: {
          optimizer: { enabled: true, runs: 1_000_000 },
          viaIR: true,
          evmVersion: "prague",
        },
      },
    ],
    // OpenZeppelin's contracts that are deployed unchanged: DEPLOYED in scripts/solidity/compile.py.
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@openzeppelin/contracts/governance/TimelockController.sol",
    ],
  },
  paths: {
    sources: "contracts",
    tests: "tests",
    cache: "../.refrain/hardhat/cache",
    artifacts: "../.refrain/hardhat/artifacts",
  },
};
