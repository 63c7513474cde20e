/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/password.h"

#include "stack/limits.h"

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { PASSWORD_LENGTH = 24, BCRYPT_COST = 10 /* 50 ms a check; Prometheus remembers those that passed */ };

bool stack_password_generate(char *out, size_t size, ifm_error *err)
{
    static const char letters[] =
        "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"; /* no 0 O 1 l I */
    unsigned char bytes[64];
    size_t length = 0;
    while (length < PASSWORD_LENGTH && length < size - 1) {
        if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
            return ifm_error_errno(err, IFM_IO, errno, "could not generate a password");
        }
        for (size_t i = 0; i < sizeof bytes && length < PASSWORD_LENGTH && length < size - 1; i++) {
            /* What is left over of 256 would make some letters likelier. */
            size_t count = sizeof letters - 1;
            if (bytes[i] < 256 / count * count) {
                out[length++] = letters[bytes[i] % count];
            }
        }
    }
    out[length] = '\0';
    return true;
}

bool stack_password_check(const char *password, ifm_error *err)
{
    size_t size = strlen(password);
    if (size < 8 || size > STACK_PASSWORD_BYTES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "the password has %zu bytes; it must have 8 to %d", size,
                             STACK_PASSWORD_BYTES_MAX);
    }
    for (const char *at = password; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7F) {
            return ifm_error_set(err, IFM_INVALID, "the password has a control character in it");
        }
    }
    return true;
}

bool stack_password_read(const stack_folder *folder, char **out, ifm_error *err)
{
    *out = NULL;
    ifm_buf text;
    ifm_buf_init(&text, STACK_FILE_BYTES_MAX);
    bool there;
    bool ok = stack_folder_read(folder, STACK_PASSWORD_FILE, &text, &there, err);
    if (ok && there) {
        while (text.size > 0 && (text.data[text.size - 1] == '\n' || text.data[text.size - 1] == '\r')) {
            text.size--;
        }
        size_t size;
        *out = text.size > 0 ? ifm_buf_take(&text, &size, err) : NULL; /* an empty file is none */
        ok = text.failed == IFM_OK;
    }
    ifm_buf_deinit(&text);
    return ok;
}

/* Without a line end: Grafana takes the file as it is. Its container reads it as another user, so the mode is
 * 0644; the folder around it is closed to all but us. */
static bool store_as(const stack_folder *folder, const char *name, const char *password, ifm_error *err)
{
    return stack_folder_make(folder, "grafana/secrets", err) &&
           stack_folder_write(folder, name, password, strlen(password), NULL, err);
}

bool stack_password_store(const stack_folder *folder, const char *password, ifm_error *err)
{
    return store_as(folder, STACK_PASSWORD_FILE, password, err);
}

bool stack_password_prepare(const stack_folder *folder, const char *password, ifm_error *err)
{
    return store_as(folder, STACK_PASSWORD_PREPARED, password, err);
}

bool stack_password_commit(const stack_folder *folder, ifm_error *err)
{
    return stack_folder_rename(folder, STACK_PASSWORD_PREPARED, STACK_PASSWORD_FILE, err);
}

void stack_password_withdraw(const stack_folder *folder)
{
    ifm_error ignored; /* it is not the stored one: that it stays does no harm */
    stack_folder_remove(folder, STACK_PASSWORD_PREPARED, &ignored);
}

bool stack_password_hash(const char *password, const char *old, char *out, ifm_error *err)
{
    struct crypt_data *data = ifm_alloc_zero(1, sizeof *data); /* 32 KiB: not for the stack */
    if (data == NULL) {
        return ifm_error_nomem(err);
    }
    char salt[CRYPT_GENSALT_OUTPUT_SIZE];
    const char *setting = old;
    const char *hash = old != NULL ? crypt_r(password, old, data) : NULL;
    if (hash == NULL || strcmp(hash, old) != 0) {
        setting = crypt_gensalt_rn("$2b$", BCRYPT_COST, NULL, 0, salt, sizeof salt);
        hash = setting != NULL ? crypt_r(password, setting, data) : NULL;
    }
    bool ok = hash != NULL && hash[0] == '$';
    if (ok) {
        snprintf(out, STACK_HASH_SIZE, "%s", hash);
    } else {
        ifm_error_errno(err, IFM_IO, errno, "could not hash the password with bcrypt");
    }
    ifm_free(data);
    return ok;
}
