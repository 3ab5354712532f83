// Libraries of the system, loaded at run time.
//
// libcurl, zlib, libzstd and libcrypto are loaded with dlopen instead of being linked: every machine that can run SwiftPM
// has libcurl.so.4, which itself needs most of the others, but not every such machine has the header packages. Only their
// ABI is declared here: the numeric option constants of libcurl and the layout of zlib's z_stream never change.
//
// All names begin with csematic_, so that none collides with a symbol of a program that links the library Sematic. Each
// library has one C file here and one Swift file that calls it: SematicArchive/Zlib.swift and Zstd.swift,
// SematicOCI/DigestHasher.swift, SematicRegistryClient/HTTP/Curl.swift, and in the library Sematic its own transport.
#ifndef CSEMATIC_H
#define CSEMATIC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// --- search ---

/// The first place of some bytes in others, or NULL: memmem, which Swift does not see on Linux.
const void *csematic_find(const void *bytes, size_t count, const void *wanted, size_t wanted_count);

// --- processes ---

/// Starts a program in a process group of its own, with the usual signals, and the descriptors as its standard streams.
/// - dies_with_thread: whether the program is killed when the calling thread ends (Linux). posix_spawn cannot do that.
/// Returns -1 and errno where the program cannot be started.
pid_t csematic_spawn(const char *file, char *const argv[], char *const envp[], const int streams[3], int dies_with_thread);

/// Starts a process that kills a process group when the calling process ends, whatever ended it: the children of a program,
/// too, which the system's own signal (dies_with_thread) does not reach. A byte written to the lifeline ends
/// it without that.
/// - lifeline: where the descriptor is put whose closing has the group killed.
/// Returns the process's ID, or -1 with errno.
pid_t csematic_guard(pid_t group, int *lifeline);
/// What a command of the shell writes, as far as there is room for it; returns its length, or -1 where the command fails.
ssize_t csematic_command_output(const char *command, char *text, size_t size);

// --- libraries of the image ---

/// The path of a file in the folder `lib` next to the executable's own folder, where images have what their programs load
/// when they run. Not 0 where it cannot be read.
int csematic_path_beside(const char *name, char *path, size_t size);
/// Loads a library from there, with those that `NAME.needs` lists there in their order; NULL without that list, or for a
/// reason that is written where none is yet.
void *csematic_load_beside(const char *name, char *reason, size_t size);

// --- digests (libcrypto; CommonCrypto on macOS) ---

typedef struct csematic_digest csematic_digest;

/// NULL when the algorithm ("sha1", "sha256", "sha512") is unknown or no library was found: see csematic_digest_error.
csematic_digest *csematic_digest_new(const char *algorithm);
void csematic_digest_update(csematic_digest *digest, const void *bytes, size_t count);
/// A copy, so that the state can be read and continued.
csematic_digest *csematic_digest_copy(const csematic_digest *digest);
/// Writes the digest and returns its length (at most 64); the state can only be freed afterwards.
size_t csematic_digest_finish(csematic_digest *digest, uint8_t *out);
void csematic_digest_free(csematic_digest *digest);
/// Why no digest can be computed here, or NULL when all is well.
const char *csematic_digest_error(void);

// --- compression (zlib) ---

typedef struct csematic_deflate csematic_deflate;
typedef struct csematic_inflate csematic_inflate;

/// The version of zlib that was found, or NULL: then there is no compression.
const char *csematic_zlib_version(void);
uint32_t csematic_crc32(uint32_t crc, const void *bytes, size_t count);
/// Raw deflate (no header or trailer); NULL when zlib is missing or out of memory.
csematic_deflate *csematic_deflate_new(int level);
/// Sets how long matches are searched for: https://www.zlib.net/manual.html#Advanced, deflateTune. Not 0 on an error.
int csematic_deflate_tune(csematic_deflate *stream, int good, int lazy, int nice, int chain);
enum {
  CSEMATIC_DEFLATE_MORE = 0,
  /// Ends at a whole byte and forgets what came before: what follows is compressed as if it stood alone.
  CSEMATIC_DEFLATE_FLUSH = 1,
  CSEMATIC_DEFLATE_FINISH = 2
};
/// Compresses from input to output. Returns 0 to go on, 1 at the end of the stream (only to finish), -1 on an error.
/// The counts are read as what is there and written as what is left.
int csematic_deflate_run(csematic_deflate *stream, const void *input, size_t *input_count, void *output, size_t *output_count,
                   int mode);
void csematic_deflate_free(csematic_deflate *stream);
/// Reads gzip and zlib by their header.
csematic_inflate *csematic_inflate_new(void);
/// Returns 0 to go on, 1 at the end of a gzip member, -1 on corrupt data. Call csematic_inflate_reset for the next member.
int csematic_inflate_run(csematic_inflate *stream, const void *input, size_t *input_count, void *output, size_t *output_count);
int csematic_inflate_reset(csematic_inflate *stream);
void csematic_inflate_free(csematic_inflate *stream);

// --- compression (zstd) ---

typedef struct csematic_zstd_writer csematic_zstd_writer;
typedef struct csematic_zstd_reader csematic_zstd_reader;

/// The version of libzstd that was found, or NULL: then there is no zstd.
const char *csematic_zstd_version(void);
/// NULL when libzstd is missing or out of memory.
csematic_zstd_writer *csematic_zstd_writer_new(int level);
/// A whole frame with a checksum. Returns its size, 0 on an error: count + count / 8 + 1024 is room enough.
size_t csematic_zstd_write(csematic_zstd_writer *self, const void *input, size_t count, void *output, size_t room);
void csematic_zstd_writer_free(csematic_zstd_writer *self);
csematic_zstd_reader *csematic_zstd_reader_new(void);
/// Returns 0 to go on, 1 at the end of a frame (the next one may follow), -1 on corrupt data. The counts are read as what
/// is there and written as what is left.
int csematic_zstd_read(csematic_zstd_reader *self, const void *input, size_t *input_count, void *output, size_t *output_count);
void csematic_zstd_reader_free(csematic_zstd_reader *self);

// --- HTTP (libcurl) ---

typedef struct csematic_curl_list csematic_curl_list;

/// NULL when libcurl was found and initialised; otherwise why not.
const char *csematic_curl_error(void);
/// For example "libcurl/8.5.0 OpenSSL/3.0.11 zlib/1.3".
const char *csematic_curl_version(void);
void *csematic_curl_new(void);
void csematic_curl_free(void *handle);
void csematic_curl_reset(void *handle);
int csematic_curl_set_long(void *handle, int option, long value);
int csematic_curl_set_offset(void *handle, int option, int64_t value);
int csematic_curl_set_string(void *handle, int option, const char *value);
int csematic_curl_set_pointer(void *handle, int option, void *value);
/// Body of the response, a header line, or the body of the request: bytes taken or given.
/// A write that takes fewer than it was given ends the transfer; a read returns 0 at the end, CSEMATIC_CURL_READ_ABORT to end
/// the transfer.
typedef size_t (*csematic_curl_data)(char *bytes, size_t size, size_t count, void *context);
typedef int (*csematic_curl_seek)(void *context, int64_t offset, int origin);
typedef int (*csematic_curl_progress)(void *context, int64_t download_total, int64_t downloaded, int64_t upload_total,
                                int64_t uploaded);
int csematic_curl_set_data_callback(void *handle, int option, csematic_curl_data callback);
int csematic_curl_set_seek_callback(void *handle, csematic_curl_seek callback);
int csematic_curl_set_progress_callback(void *handle, csematic_curl_progress callback);
/// Bytes that are copied: https://curl.se/libcurl/c/CURLOPT_CAINFO_BLOB.html. Not 0 when this libcurl is too old for that.
int csematic_curl_set_blob(void *handle, int option, const void *bytes, size_t count);
int csematic_curl_perform(void *handle);
const char *csematic_curl_strerror(int code);
int csematic_curl_get_long(void *handle, int info, long *value);
int csematic_curl_get_offset(void *handle, int info, int64_t *value);
int csematic_curl_get_string(void *handle, int info, const char **value);
csematic_curl_list *csematic_curl_list_append(csematic_curl_list *list, const char *line);
void csematic_curl_list_free(csematic_curl_list *list);

enum {
  CSEMATIC_CURL_READ_ABORT = 0x10000000,
  // CURLoption (https://curl.se/libcurl/c/easy_setopt_options.html): long 0+n, pointer 10000+n, function 20000+n,
  // curl_off_t 30000+n
  CSEMATIC_CURLOPT_WRITEDATA = 10001,
  CSEMATIC_CURLOPT_URL = 10002,
  CSEMATIC_CURLOPT_PROXY = 10004,
  CSEMATIC_CURLOPT_RANGE = 10007,
  CSEMATIC_CURLOPT_READDATA = 10009,
  CSEMATIC_CURLOPT_ERRORBUFFER = 10010,
  CSEMATIC_CURLOPT_WRITEFUNCTION = 20011,
  CSEMATIC_CURLOPT_READFUNCTION = 20012,
  CSEMATIC_CURLOPT_LOW_SPEED_LIMIT = 19,
  CSEMATIC_CURLOPT_LOW_SPEED_TIME = 20,
  CSEMATIC_CURLOPT_HTTPHEADER = 10023,
  CSEMATIC_CURLOPT_SSLCERT = 10025,
  CSEMATIC_CURLOPT_HEADERDATA = 10029,
  CSEMATIC_CURLOPT_CUSTOMREQUEST = 10036,
  CSEMATIC_CURLOPT_NOBODY = 44,
  CSEMATIC_CURLOPT_UPLOAD = 46,
  CSEMATIC_CURLOPT_POST = 47,
  CSEMATIC_CURLOPT_NOPROGRESS = 43,
  CSEMATIC_CURLOPT_FOLLOWLOCATION = 52,
  CSEMATIC_CURLOPT_XFERINFODATA = 10057,
  CSEMATIC_CURLOPT_SSL_VERIFYPEER = 64,
  CSEMATIC_CURLOPT_CAINFO = 10065,
  CSEMATIC_CURLOPT_CAPATH = 10097,
  CSEMATIC_CURLOPT_NOPROXY = 10177,
  CSEMATIC_CURLOPT_PROXY_CAINFO = 10246,
  CSEMATIC_CURLOPT_PROXY_CAPATH = 10247,
  CSEMATIC_CURLOPT_SUPPRESS_CONNECT_HEADERS = 265,
  CSEMATIC_CURLOPT_CAINFO_BLOB = 40309,
  CSEMATIC_CURLOPT_PROXY_CAINFO_BLOB = 40310,
  CSEMATIC_CURLOPT_HEADERFUNCTION = 20079,
  CSEMATIC_CURLOPT_CONNECTTIMEOUT = 78,
  CSEMATIC_CURLOPT_TIMEOUT_MS = 155,
  CSEMATIC_CURLOPT_SSLKEY = 10087,
  CSEMATIC_CURLOPT_HTTPGET = 80,
  CSEMATIC_CURLOPT_SSL_VERIFYHOST = 81,
  CSEMATIC_CURLOPT_HTTP_VERSION = 84,
  CSEMATIC_CURLOPT_BUFFERSIZE = 98,
  CSEMATIC_CURLOPT_NOSIGNAL = 99,
  CSEMATIC_CURLOPT_SHARE = 10100,
  CSEMATIC_CURLOPT_POSTFIELDSIZE_LARGE = 30120,
  CSEMATIC_CURLOPT_INFILESIZE_LARGE = 30115,
  CSEMATIC_CURLOPT_SEEKDATA = 10168,
  CSEMATIC_CURLOPT_PROTOCOLS = 181,
  CSEMATIC_CURLOPT_USERAGENT = 10018,
  CSEMATIC_CURLOPT_TCP_KEEPALIVE = 213,
  CSEMATIC_CURLOPT_EXPECT_100_TIMEOUT_MS = 227,
  CSEMATIC_CURLOPT_UPLOAD_BUFFERSIZE = 280,
  CSEMATIC_CURL_PROTOCOL_HTTP = 1,
  CSEMATIC_CURL_PROTOCOL_HTTPS = 2,
  CSEMATIC_CURL_HTTP_VERSION_1_1 = 2,
  CSEMATIC_CURL_HTTP_VERSION_2TLS = 4,
  // CURLINFO: string 0x100000+n, long 0x200000+n, curl_off_t 0x600000+n
  CSEMATIC_CURLINFO_EFFECTIVE_URL = 0x100001,
  CSEMATIC_CURLINFO_RESPONSE_CODE = 0x200002,
  CSEMATIC_CURLINFO_SSL_VERIFYRESULT = 0x20000D,
  CSEMATIC_CURLINFO_HTTP_CONNECTCODE = 0x200016,
  CSEMATIC_CURLINFO_REDIRECT_URL = 0x10001F,
  CSEMATIC_CURLINFO_PRIMARY_IP = 0x100020,
  CSEMATIC_CURLINFO_SIZE_UPLOAD_T = 0x600007,
  CSEMATIC_CURLINFO_SIZE_DOWNLOAD_T = 0x600008,
  // CURLcode
  CSEMATIC_CURLE_OK = 0,
  CSEMATIC_CURLE_UNSUPPORTED_PROTOCOL = 1,
  CSEMATIC_CURLE_COULDNT_RESOLVE_PROXY = 5,
  CSEMATIC_CURLE_COULDNT_RESOLVE_HOST = 6,
  CSEMATIC_CURLE_COULDNT_CONNECT = 7,
  CSEMATIC_CURLE_WEIRD_SERVER_REPLY = 8,
  CSEMATIC_CURLE_HTTP2 = 16,
  CSEMATIC_CURLE_PARTIAL_FILE = 18,
  CSEMATIC_CURLE_WRITE_ERROR = 23,
  CSEMATIC_CURLE_READ_ERROR = 26,
  CSEMATIC_CURLE_OPERATION_TIMEDOUT = 28,
  CSEMATIC_CURLE_SSL_CONNECT_ERROR = 35,
  CSEMATIC_CURLE_ABORTED_BY_CALLBACK = 42,
  CSEMATIC_CURLE_BAD_FUNCTION_ARGUMENT = 43,
  CSEMATIC_CURLE_GOT_NOTHING = 52,
  CSEMATIC_CURLE_SEND_ERROR = 55,
  CSEMATIC_CURLE_RECV_ERROR = 56,
  CSEMATIC_CURLE_SSL_CERTPROBLEM = 58,
  CSEMATIC_CURLE_PEER_FAILED_VERIFICATION = 60,
  CSEMATIC_CURLE_BAD_CONTENT_ENCODING = 61,
  CSEMATIC_CURLE_SEND_FAIL_REWIND = 65,
  CSEMATIC_CURLE_SSL_CACERT_BADFILE = 77,
  CSEMATIC_CURLE_HTTP2_STREAM = 92
};

#endif
