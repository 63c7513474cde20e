/* SPDX-License-Identifier: Apache-2.0
 *
 * Symbol visibility and version of libinferometer. Every function of the public API carries IFM_API;
 * everything else in the shared library is hidden. IFM_MUST_USE makes the compiler warn when the
 * result of a call that can fail is ignored.
 */
#ifndef IFM_EXPORT_H
#define IFM_EXPORT_H

#define IFM_VERSION_MAJOR 0
#define IFM_VERSION_MINOR 1
#define IFM_VERSION_PATCH 0
#define IFM_VERSION       "0.1.0"

#if defined(__GNUC__) || defined(__clang__)
#define IFM_API      __attribute__((visibility("default")))
#define IFM_MUST_USE __attribute__((warn_unused_result))
#else
#define IFM_API
#define IFM_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked, for example "0.1.0"; compare it with IFM_VERSION, the
 * version of the headers. Static storage. Any thread. */
IFM_API const char *ifm_version(void);

#ifdef __cplusplus
}
#endif

#endif
