#include "registry/audit/signed_note.h"

#include <gtest/gtest.h>

#include "base/crypto/hash.h"

namespace kpr::audit {
namespace {

// The example of Go's golang.org/x/mod/sumdb/note.
constexpr char kPeter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kNote[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\xe2\x80\x94 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(SignedNote, OfAnotherImplementationIsVerified) {
  const auto note = ParseNote(kNote);
  ASSERT_TRUE(note);
  EXPECT_TRUE(IsSignedBy(*note, kPeter));
  std::string changed = kNote;
  changed[3] = 'Y';
  EXPECT_FALSE(IsSignedBy(*ParseNote(changed), kPeter));
  std::string other = kPeter;
  other[20] = 'b';
  EXPECT_FALSE(IsSignedBy(*note, other));
}

TEST(SignedNote, CheckpointsAreOfTheirLogAndUnchanged) {
  const auto key = crypto::SigningKey::Generate();
  ASSERT_TRUE(key.ok());
  const std::string verifier = VerifierKey("kpr.example/audit", key->public_key());
  const Checkpoint checkpoint{"kpr.example/audit", 7, crypto::Sha256Bytes("x")};
  const std::string note = *SignNote(checkpoint.ToText(), checkpoint.origin, *key);
  const auto opened = OpenCheckpoint(note, verifier);
  ASSERT_TRUE(opened.ok()) << opened.status().message();
  EXPECT_EQ(opened->size, 7u);
  EXPECT_EQ(opened->root, checkpoint.root);
  for (size_t i = 0; i < note.size() - 1; ++i) {
    std::string changed = note;
    changed[i] ^= 1;
    EXPECT_FALSE(OpenCheckpoint(changed, verifier).ok()) << i;
  }
  const std::string of_another = *SignNote(checkpoint.ToText(), "kpr.example/other", *key);
  EXPECT_FALSE(OpenCheckpoint(of_another, VerifierKey("kpr.example/other", key->public_key())).ok());
  EXPECT_EQ(OpenCheckpoint(note, "no key").status().code(), Code::kInvalid);
}

TEST(SignedNote, WhatIsNoCheckpointIsRefused) {
  for (const char* text :
       {"", "a\n", "a\n1\n", "a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n-1\nAA==\n",
        "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n1\nAA==\n"})
    EXPECT_FALSE(ParseCheckpoint(text)) << text;
  for (const char* text : {"", "\n\n", "a\n\n", "a\n\nb\n", "a\n\n\xe2\x80\x94 b c"})
    EXPECT_FALSE(ParseNote(text)) << text;
}

}  // namespace
}  // namespace kpr::audit
