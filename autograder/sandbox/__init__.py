"""Where student code runs: a warm process forks workers, and each worker shuts itself in.

The rule: no student code ever runs in a process that knows a reference value or can write a result.

    grader (trusted)                         warm process                  worker (shut in)
    launcher.py  starts, asks for forks  →   zygote.py  imports once   →   confine.py  closes every door
    session.py   one worker's life                                         definitions.py  runs needed cells
    proxy.py     a `Student` for checks  ←——————— wire.py ———————————→     worker.py  answers calls
                 answers to call-backs   ←———————————————————————————→     stand_ins.py  lent functions

planning.py, slicing.py, cells.py and effects.py read a notebook and say which statements an exercise needs; kernel.py,
landlock.py, seccomp.py and box.py speak to the kernel; view.py decides which files exist inside; policy.py holds the
limits, and probe.py finds out how strong a box this machine allows.
"""
