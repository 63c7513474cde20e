/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a stack would come up by itself, for those who take what is there.
 */
#include "fake_system.h"
#include "recorded.h"
#include "scratch.h"
#include "stack/images.h"
#include "stack/stack.h"

#define INSPECT "docker image inspect --format {{.Id}} "

/* What the engines answer, and what comes of it; NULL: it is at hand. */
static void check_at_hand(const fake_answer *answers, const char *want)
{
    fake_system fake;
    ifm_error err = {.code = IFM_OK};
    const stack_options options = {.offline = false};
    fake_init(&fake, answers, NULL);
    const stack_session session = {.system = &fake.system, .cancel_fd = -1};
    CHECK_INT(stack_is_at_hand(&session, &options, &err), want == NULL);
    CHECK_INT(err.code, want == NULL ? IFM_OK : IFM_NOT_FOUND);
    if (want != NULL) {
        CHECK_TEXT(err.message, want);
    }
    ifm_buf_append_char(&fake.log, '\0');
    CHECK(strstr(fake.log.data, "pull") == NULL);
    fake_deinit(&fake);
}

static void docker_with_both_images_is_at_hand(void **state)
{
    (void)state;
    const fake_answer answers[] = {{DOCKER_VERSION, 0, CLIENT_SERVER, NULL, IFM_OK, 0},
                                   {DOCKER_INFO, 0, INFO_DEBIAN, NULL, IFM_OK, 0},
                                   {DOCKER_CONTEXT, 0, CONTEXT_DEFAULT, NULL, IFM_OK, 0},
                                   {DOCKER_PLUGIN, 0, "v2.24.5\n", NULL, IFM_OK, 0},
                                   {INSPECT "*", 0, "sha256:1\n", NULL, IFM_OK, 0},
                                   {NULL, 0, NULL, NULL, IFM_OK, 0}};
    check_at_hand(answers, NULL);
    check_end();
}

static void docker_without_one_of_them_is_not(void **state)
{
    (void)state;
    const fake_answer answers[] = {
        {DOCKER_VERSION, 0, CLIENT_SERVER, NULL, IFM_OK, 0},
        {DOCKER_INFO, 0, INFO_DEBIAN, NULL, IFM_OK, 0},
        {DOCKER_CONTEXT, 0, CONTEXT_DEFAULT, NULL, IFM_OK, 0},
        {DOCKER_PLUGIN, 0, "v2.24.5\n", NULL, IFM_OK, 0},
        {INSPECT STACK_PROMETHEUS_IMAGE, 0, "sha256:1\n", NULL, IFM_OK, 0},
        {INSPECT "*", 1, "\n", "Error: No such image: " STACK_GRAFANA_IMAGE "\n", IFM_OK, 0},
        {NULL, 0, NULL, NULL, IFM_OK, 0}};
    check_at_hand(answers,
                  "docker: the image " STACK_GRAFANA_IMAGE " is not on this machine; podman: not installed");
    check_end();
}

static void nothing_installed_is_not_at_hand(void **state)
{
    (void)state;
    const fake_answer none[] = {{NULL, 0, NULL, NULL, IFM_OK, 0}};
    check_at_hand(none, "docker: not installed; podman: not installed");
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(docker_with_both_images_is_at_hand),
        cmocka_unit_test(docker_without_one_of_them_is_not),
        cmocka_unit_test(nothing_installed_is_not_at_hand),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
