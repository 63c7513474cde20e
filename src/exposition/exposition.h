/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 2, the header that other folders include: writers and parsers of the exposition formats.
 */
#ifndef IFM_EXPOSITION_H
#define IFM_EXPOSITION_H

#include "exposition/encoder.h"
#include "exposition/names.h"
#include "exposition/negotiate.h"
#include "exposition/parser.h"
#include "exposition/parser_proto.h"

#endif
