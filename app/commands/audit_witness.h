// Asks a witness to sign an audit log's last checkpoint.
#pragma once

#include <string>

#include "base/status.h"

namespace kpr {

struct WitnessOptions {
  std::string folder;        // of checkpoint and tiles
  std::string verifier_key;  // of the log
  std::string url, witness_key;
  std::string out;  // the last checkpoint that the witness has signed; read, and replaced
};

// kDataLoss: the witness has seen another history, or more of this one than there is. kUnavailable: it does
// not answer. Prints what it has signed.
Status AskWitness(const WitnessOptions& options);

}  // namespace kpr
