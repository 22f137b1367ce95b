# -*- coding: utf-8 -*-
# Copyright: (c) 2026, the aimms.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options: for modules (DOCUMENTATION), and the additional sources of the lookup (PLUGIN)."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  account:
    description:
      - The name of the AIMMS Cloud account. It gives the address C(https://ACCOUNT.aimms.cloud).
      - Either O(account) or O(url) is needed. If one of them is given, the environment variables of both are ignored,
        so an E(AIMMS_URL) that happens to be set does not lead to another account.
      - If not set, the value of the environment variable E(AIMMS_ACCOUNT) is used. An empty string counts as not set,
        as for all connection options.
    type: str
  url:
    description:
      - The address of the service as C(https://host[:port][/prefix]). It wins over O(account) where both come from the
        same place. A keyword of a lookup comes before a variable, and a variable before the environment.
      - The service exists in the AIMMS Cloud only, not where AIMMS PRO runs on premises.
      - C(http://) is refused unless the host is a loopback address, as it would send the key unencrypted.
      - If not set, the value of the environment variable E(AIMMS_URL) is used.
    type: str
  api_key:
    description:
      - An API key of the AIMMS Cloud portal, with the C(Session) scope for sessions and the C(Tasks) scope for tasks.
        Keys expire after at most one year.
      - An administrator's key sees all sessions of the account, a user's key only that user's own.
      - If not set, the value of the environment variable E(AIMMS_API_KEY) is used.
    type: str
    required: true
  validate_certs:
    description:
      - Whether to check the certificate of the server. If it is not checked, anyone on the network path can read the
        key.
      - If not set, the value of the environment variable E(AIMMS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory with certificates of the authorities to trust.
      - If not set, the value of the environment variable E(AIMMS_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds for one request, from connecting to the last byte of the answer.
      - If not set, the value of the environment variable E(AIMMS_TIMEOUT) is used.
    type: int
    default: 30
  retries:
    description:
      - How many times a read that failed is tried again. Changes are never repeated blindly.
      - If not set, the value of the environment variable E(AIMMS_RETRIES) is used.
    type: int
    default: 4
  max_time:
    description:
      - Seconds for one call with all its retries and pauses.
      - If not set, the value of the environment variable E(AIMMS_MAX_TIME) is used.
    type: int
    default: 120
  api_generation:
    description:
      - Which generation of the service to speak to. V(auto) reads it from the server's own OpenAPI document.
      - A value that the document contradicts is refused, as the same request ends a session on one generation and
        destroys its record on the other. The other values are for servers without a readable document.
      - If not set, the value of the environment variable E(AIMMS_API_GENERATION) is used.
    type: str
    choices: [auto, legacy, current]
    default: auto
  page_size:
    description:
      - How many records to ask for in one request. By default it is the largest number that the server's OpenAPI
        document allows, or 100. Set it only if the server refuses that number or fails with it.
      - From 1 to 1000.
      - If not set, the value of the environment variable E(AIMMS_PAGE_SIZE) is used.
    type: int
    version_added: 1.1.0
"""

    PLUGIN = r"""
options:
  account:
    env: [{name: AIMMS_ACCOUNT}]
    ini: [{section: aimms_cloud, key: account}]
    vars: [{name: aimms_account}]
  url:
    env: [{name: AIMMS_URL}]
    ini: [{section: aimms_cloud, key: url}]
    vars: [{name: aimms_url}]
  api_key:
    env: [{name: AIMMS_API_KEY}]
    vars: [{name: aimms_api_key}]
  validate_certs:
    env: [{name: AIMMS_VALIDATE_CERTS}]
    ini: [{section: aimms_cloud, key: validate_certs}]
    vars: [{name: aimms_validate_certs}]
  ca_path:
    env: [{name: AIMMS_CA_PATH}]
    ini: [{section: aimms_cloud, key: ca_path}]
    vars: [{name: aimms_ca_path}]
  timeout:
    env: [{name: AIMMS_TIMEOUT}]
    ini: [{section: aimms_cloud, key: timeout}]
    vars: [{name: aimms_timeout}]
  retries:
    env: [{name: AIMMS_RETRIES}]
    ini: [{section: aimms_cloud, key: retries}]
    vars: [{name: aimms_retries}]
  max_time:
    env: [{name: AIMMS_MAX_TIME}]
    ini: [{section: aimms_cloud, key: max_time}]
    vars: [{name: aimms_max_time}]
  api_generation:
    env: [{name: AIMMS_API_GENERATION}]
    ini: [{section: aimms_cloud, key: api_generation}]
    vars: [{name: aimms_api_generation}]
  page_size:
    env: [{name: AIMMS_PAGE_SIZE}]
    ini: [{section: aimms_cloud, key: page_size}]
    vars: [{name: aimms_page_size}]
"""
