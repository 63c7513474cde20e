/* SPDX-License-Identifier: Apache-2.0
 *
 * What tsdb_series(), tsdb_label_names() and tsdb_label_values() do, of a view. All is sorted, each once, and
 * copied into `arena`.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_TSDB_LISTING_H
#define IFM_TSDB_LISTING_H

#include "tsdb/source.h"
#include "tsdb/tsdb.h"

bool tsdb_view_series(const tsdb_view *view, const tsdb_selection *selection, ifm_bump *arena,
                      const model_labels **out, size_t *count, ifm_error *err);
bool tsdb_view_label_names(const tsdb_view *view, const tsdb_selection *selection, ifm_bump *arena,
                           const model_text **out, size_t *count, ifm_error *err);
bool tsdb_view_label_values(const tsdb_view *view, model_text name, const tsdb_selection *selection,
                            ifm_bump *arena, const model_text **out, size_t *count, ifm_error *err);

#endif
