#include "CSematic.h"

#include <stdlib.h>
#include <string.h>

#ifdef __APPLE__

#include <CommonCrypto/CommonDigest.h>

struct csematic_digest {
  int length;
  CC_SHA1_CTX old_state;
  CC_SHA256_CTX narrow_state;
  CC_SHA512_CTX wide_state;
};

const char *csematic_digest_error(void) { return NULL; }

csematic_digest *csematic_digest_new(const char *algorithm) {
  int length = strcmp(algorithm, "sha512") == 0   ? 64
               : strcmp(algorithm, "sha256") == 0 ? 32
               : strcmp(algorithm, "sha1") == 0   ? 20
                                                  : 0;
  csematic_digest *digest = length ? calloc(1, sizeof *digest) : NULL;
  if (!digest) return NULL;
  digest->length = length;
  if (length == 64) CC_SHA512_Init(&digest->wide_state);
  else if (length == 32) CC_SHA256_Init(&digest->narrow_state);
  else CC_SHA1_Init(&digest->old_state);
  return digest;
}

void csematic_digest_update(csematic_digest *digest, const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    CC_LONG part = count > 0x40000000 ? 0x40000000 : (CC_LONG)count;
    if (digest->length == 64) CC_SHA512_Update(&digest->wide_state, at, part);
    else if (digest->length == 32) CC_SHA256_Update(&digest->narrow_state, at, part);
    else CC_SHA1_Update(&digest->old_state, at, part);
    at += part;
    count -= part;
  }
}

csematic_digest *csematic_digest_copy(const csematic_digest *digest) {
  csematic_digest *copy = malloc(sizeof *copy);
  if (copy) *copy = *digest;
  return copy;
}

size_t csematic_digest_finish(csematic_digest *digest, uint8_t *out) {
  if (digest->length == 64) CC_SHA512_Final(out, &digest->wide_state);
  else if (digest->length == 32) CC_SHA256_Final(out, &digest->narrow_state);
  else CC_SHA1_Final(out, &digest->old_state);
  return (size_t)digest->length;
}

void csematic_digest_free(csematic_digest *digest) { free(digest); }

#else

#include <dlfcn.h>
#include <pthread.h>

// https://docs.openssl.org/3.0/man3/EVP_DigestInit/ : these names are the same in 1.1 and 3.
static struct {
  void *(*context_new)(void);
  void (*context_free)(void *);
  int (*context_copy)(void *, const void *);
  int (*init)(void *, const void *, void *);
  int (*update)(void *, const void *, size_t);
  int (*final)(void *, unsigned char *, unsigned int *);
  const void *(*sha1)(void);
  const void *(*sha256)(void);
  const void *(*sha512)(void);
  const char *error;
} crypto;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  static const char *const names[] = {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"};
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  crypto.error = "libcrypto was not found: install OpenSSL's library (Debian and Ubuntu: libssl3)";
  if (!library) return;
  crypto.context_new = (void *(*)(void))dlsym(library, "EVP_MD_CTX_new");
  crypto.context_free = (void (*)(void *))dlsym(library, "EVP_MD_CTX_free");
  crypto.context_copy = (int (*)(void *, const void *))dlsym(library, "EVP_MD_CTX_copy_ex");
  crypto.init = (int (*)(void *, const void *, void *))dlsym(library, "EVP_DigestInit_ex");
  crypto.update = (int (*)(void *, const void *, size_t))dlsym(library, "EVP_DigestUpdate");
  crypto.final = (int (*)(void *, unsigned char *, unsigned int *))dlsym(library, "EVP_DigestFinal_ex");
  crypto.sha1 = (const void *(*)(void))dlsym(library, "EVP_sha1");
  crypto.sha256 = (const void *(*)(void))dlsym(library, "EVP_sha256");
  crypto.sha512 = (const void *(*)(void))dlsym(library, "EVP_sha512");
  if (crypto.context_new && crypto.context_free && crypto.context_copy && crypto.init && crypto.update &&
      crypto.final && crypto.sha1 && crypto.sha256 && crypto.sha512)
    crypto.error = NULL;
  else
    crypto.error = "libcrypto was found, but lacks the EVP digest functions: install OpenSSL 1.1 or later";
}

const char *csematic_digest_error(void) {
  pthread_once(&once, load);
  return crypto.error;
}

csematic_digest *csematic_digest_new(const char *algorithm) {
  if (csematic_digest_error()) return NULL;
  const void *type = strcmp(algorithm, "sha256") == 0   ? crypto.sha256()
                     : strcmp(algorithm, "sha512") == 0 ? crypto.sha512()
                     : strcmp(algorithm, "sha1") == 0   ? crypto.sha1()
                                                        : NULL;
  void *context = type ? crypto.context_new() : NULL;
  if (!context) return NULL;
  if (crypto.init(context, type, NULL) == 1) return context;
  crypto.context_free(context);
  return NULL;
}

void csematic_digest_update(csematic_digest *digest, const void *bytes, size_t count) { crypto.update(digest, bytes, count); }

csematic_digest *csematic_digest_copy(const csematic_digest *digest) {
  void *copy = crypto.context_new();
  if (!copy) return NULL;
  if (crypto.context_copy(copy, digest) == 1) return copy;
  crypto.context_free(copy);
  return NULL;
}

size_t csematic_digest_finish(csematic_digest *digest, uint8_t *out) {
  unsigned int length = 0;
  return crypto.final(digest, out, &length) == 1 ? length : 0;
}

void csematic_digest_free(csematic_digest *digest) { crypto.context_free(digest); }

#endif
