"""A machine's log and its tasks' errors, as readers of Chinese get them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.handlers.lab import API, ServedLab
from vmlab.handlers.language import negotiate
from vmlab.handlers.log_words import tell, told, words


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("status: creating", "状态：创建中"),
        ("vm.start: accepted, asked for by ann", "启动：已受理，由 ann 提交"),
        ("vm.start: accepted", "启动：已受理"),
        ("vm.create: step clone done", "创建：步骤“克隆”已完成"),
        ("vm.stop: failed", "停止：失败"),
        (
            "name: web → new, cpu_cores: 1 → 2 (not by VMLab)",
            "名称：web → new，CPU 核数：1 → 2（非 VMLab 操作）",
        ),
        (
            "status: running → missing (VM 10001 is gone from Proxmox, not by VMLab)",
            "状态：运行中 → 丢失（Proxmox 中已没有 VM 10001，非 VMLab 操作）",
        ),
        (
            "status: stopped → missing (VM 7 in Proxmox has another UUID: it is a copy, or was made"
            " anew)",
            "状态：已停止 → 丢失（Proxmox 中的 VM 7 的 UUID 不同：是副本或已重新创建）",
        ),
        ("status: running (started anew outside VMLab)", "状态：运行中（在 VMLab 之外重新启动）"),
        ("tags: course-1, vmlab → - (not by VMLab)", "标签：course-1，vmlab → -（非 VMLab 操作）"),
        ("VNC console of ann opened", "ann 打开了 VNC 控制台"),
        ("SSH console of ann closed after 3.5 s", "ann 的 SSH 控制台已关闭，历时 3.5 秒"),
        ("nobody has foreseen this", "nobody has foreseen this"),
    ],
)
def test_each_form_is_told_with_all_that_stands_in_it(written: str, read: str):
    assert negotiate("") == "zh"
    assert tell(written) == read


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "qmstop by root@pam, not by VMLab: no lock (exit code 1)",
            "root@pam 在 Proxmox 中执行 qmstop（非 VMLab 操作）：no lock (exit code 1)",
        ),
        ("status: running", "status: running"),
    ],
)
def test_proxmoxs_own_words_stay_as_they_are(line: str, shown: str):
    assert told({"source": "proxmox", "message": line, "reason": None}) == shown


def test_translations_keep_to_the_parameters_of_their_forms():
    for form, translation in words().translations.items():
        assert sorted(re.findall(r"\{(\w+)\}", form)) == sorted(
            re.findall(r"\{(\w+)\}", translation)
        ), form


async def test_why_a_task_has_failed_is_told_in_the_readers_language(worked_lab: ServedLab):
    lab = worked_lab
    vm = await lab.make_vm()
    lab.sim.faults.add("task_fails", path="/qmstart/", text="no such bridge")
    begun = await lab.ask(lab.student, "POST", f"vms/{vm['id']}/start/")
    task = await lab.ended(begun.data["task"])

    async def read(path: str, language: str) -> Any:
        headers = {**lab.student.headers, "Accept-Language": language}
        async with lab.client.get(API + path, headers=headers) as answer:
            return (await answer.json())["data"]

    path, logs = f"tasks/{task['id']}/", f"vms/{vm['id']}/logs/?source=task&page_size=1"
    english, chinese = [(await read(path, each))["error"] for each in ("en", "zh")]
    assert english["message"] == "Proxmox refused or failed the operation."
    assert chinese["message"] == "虚拟机操作失败：Proxmox 拒绝或未能完成"
    assert chinese["details"] == english["details"]
    assert chinese["details"]["reason"] == "no such bridge"
    for language, wanted in (
        ("en", "vm.start: failed: Proxmox refused or failed the operation."),
        ("zh", "启动：失败：虚拟机操作失败：Proxmox 拒绝或未能完成"),
    ):
        [entry] = (await read(logs, language))["results"]
        assert entry["message"] == wanted
