/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling systemd how far a service is (Type=notify): one datagram to the socket that NOTIFY_SOCKET names.
 * The protocol is a dozen lines, libsystemd would be a megabyte.
 *
 * Thread-safety: any thread.
 */
#ifndef CMD_MONITOR_NOTIFY_H
#define CMD_MONITOR_NOTIFY_H

/* "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1", "STATUS=text". Without a NOTIFY_SOCKET, and
 * when nobody listens, nothing happens. */
void monitor_notify(const char *state);

#endif
