"""Reading what is secret, and writing, moving or marking what is not theirs."""

from __future__ import annotations

from tests.red_team.attack import Attack, Control, same

_CLOSED = (
    r"PermissionError|Read-only file system|FileNotFoundError|came to nothing|unable to open file"
)

READING = [
    *same(
        _CLOSED,
        core=True,
        open_the_references="open(aim['secret']).read()",
        open_the_results="open(aim['result']).read()",
    ),
    *same(
        _CLOSED,
        os_open="os.read(os.open(aim['notes'], os.O_RDONLY), 99)",
        open_by_the_C_library="ctypes.CDLL(None).open(aim['notes'].encode(), 0) >= 0",
        open_by_system_call="ctypes.CDLL(None).syscall(257, -100, aim['notes'].encode(), 0) >= 0",
        open_by_openat2="ctypes.CDLL(None).syscall(437, -100, aim['notes'].encode(), bytes(24), 24) >= 0",
        list_the_folder="os.listdir(aim['folder'])",
        walk_the_tree="[f for _, _, f in os.walk(aim['folder'])]",
        through_the_bystanders_root="open(f\"/proc/{aim['victim']}/root{aim['notes']}\").read()",
        through_its_own_root="open('/proc/self/root' + aim['notes']).read()",
        through_its_working_folder="open('/proc/self/cwd/..' * 9 + aim['notes']).read()",
        environment_of_a_process="open(f\"/proc/{aim['victim']}/environ\").read()",
        command_line_of_a_process="open(f\"/proc/{aim['victim']}/cmdline\").read()",
        descriptors_of_a_process="os.listdir(f\"/proc/{aim['victim']}/fd\")",
        memory_map="mmap.mmap(os.open(aim['notes'], os.O_RDONLY), 0, prot=mmap.PROT_READ)[:]",
        load_it_with_torch="torch.from_file(aim['notes'], size=4, dtype=torch.uint8).tolist()",
    ),
    *same(
        _CLOSED,
        the_solution="open(aim['home'] + '/solutions/01_camera_geometry.py').read(40)",
        the_courses_settings="open(aim['home'] + '/course.toml').read(40)",
        the_graders_source="open(aim['home'] + '/autograder/grading/grade_one.py').read(40)",
        the_history_of_the_course="os.listdir(aim['home'] + '/.git')",
    ),
    Attack(
        "look around for anything of the course",
        """
        import os
        def attack(aim):
            found = []
            for start in ("/home", "/root", "/tmp", "/etc", "/srv", "..", aim["home"], aim["folder"]):
                for folder, inside, files in os.walk(start):
                    inside[:] = [n for n in inside if n not in ("site-packages", "lib", "course_lib", "data", ".venv")]
                    found += [os.path.join(folder, name) for name in files]
                    if len(found) > 3000:
                        break
            endings = (".toml", ".ipynb", ".safetensors", ".bin", ".db")
            return [p for p in found if p.endswith(endings) or "solution" in p][:5]
        """,
        "came to nothing",
    ),
    Attack(
        "import the references",
        """
        import importlib.util
        def attack(aim):
            spec = importlib.util.spec_from_file_location("library", aim["folder"] + "/library.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module.x
        """,
        _CLOSED,
    ),
    Attack(
        "by a symbolic link from scratch space",
        """
        import os, tempfile
        def attack(aim):
            link = os.path.join(tempfile.gettempdir(), aim["message"])
            if not os.path.lexists(link):
                os.symlink(aim["notes"], link)
            return open(link).read()
        """,
        _CLOSED,
    ),
    Attack(
        "by a descriptor that was left open",
        """
        import os
        def attack(aim):
            found = []
            for number in range(4, 1024):
                try:
                    os.fstat(number)
                except OSError:
                    continue
                found.append(number)
            return found
        """,
        "came to nothing",
        control=Control.NONE,
        why="descriptors are closed before a worker is shut in, with the layers off as well",
    ),
]

WRITING = [
    *same(
        _CLOSED,
        core=True,
        overwrite_a_result="open(aim['result'], 'w').write('{\"points\": 9999}')",
        change_a_library="open(aim['library'], 'a').write('#')",
    ),
    *same(
        _CLOSED,
        create_a_file="open(aim['folder'] + '/new', 'w').write('x')",
        remove_a_file="os.unlink(aim['notes']) is None",
        move_a_file="os.rename(aim['notes'], aim['folder'] + '/moved') is None",
        truncate_a_file="os.truncate(aim['notes'], 0) is None",
        make_a_folder="os.mkdir(aim['folder'] + '/new') is None",
        remove_a_folder="os.rmdir(aim['folder'] + '/empty') is None",
        link_a_file="os.link(aim['notes'], aim['folder'] + '/linked') is None",
        symlink_a_file="os.symlink(aim['notes'], aim['folder'] + '/linked') is None",
        change_a_mode="os.chmod(aim['notes'], 0o777) is None",
        change_an_owner="os.chown(aim['notes'], os.getuid(), os.getgid()) is None",
        change_a_time="os.utime(aim['notes'], (1, 1)) is None",
        change_a_librarys_mode="os.chmod(aim['library'], 0o777) is None",
        remove_a_library="os.unlink(aim['library']) is None",
        change_a_librarys_time="os.utime(aim['library'], (1, 1)) is None",
        mark_a_file="os.setxattr(aim['notes'], 'user.mark', b'x') is None",
        make_a_pipe="os.mkfifo(aim['folder'] + '/pipe') is None",
    ),
]

_TEMPORARY = """
import os, sys
PLACES = [os.environ.get("TMPDIR", "/tmp"), "/tmp", "/dev/shm"]
"""
LEAVING = [
    Attack(
        "files for the next submission",
        _TEMPORARY
        + """
def attack(aim):
    for place in PLACES:
        try:
            open(os.path.join(place, aim["message"]), "w").write("answers")
        except OSError:
            pass
        """,
        "came to nothing",
        core=True,
        finale=_TEMPORARY
        + """
def attack(aim):
    return [p for p in PLACES if os.access(os.path.join(p, aim["message"]), os.F_OK)]
        """,
    ),
    Attack(
        "shared memory, a queue and a semaphore for the next submission",
        """
        import ctypes
        def attack(aim):
            libc = ctypes.CDLL(None)
            libc.shmget(aim["key"], 4096, 0o1666)
            libc.msgget(aim["key"], 0o1666)
            libc.semget(aim["key"], 1, 0o1666)
        """,
        "came to nothing",
        finale="""
        import ctypes
        def attack(aim):
            libc = ctypes.CDLL(None)
            got = (libc.shmget(aim["key"], 0, 0), libc.msgget(aim["key"], 0), libc.semget(aim["key"], 0, 0))
            return [number for number in got if number >= 0]
        """,
    ),
    Attack(
        "a key in the keyring for the next submission",
        """
        import ctypes
        def attack(aim):
            name = aim["message"].encode()
            ctypes.CDLL(None).syscall(248, b"user", name, b"answers", 7, -4)
        """,
        "came to nothing",
        finale="""
        import ctypes
        def attack(aim):
            return ctypes.CDLL(None).syscall(249, b"user", aim["message"].encode(), None, -4) > 0
        """,
    ),
]

ATTACKS = [*READING, *WRITING, *LEAVING]
