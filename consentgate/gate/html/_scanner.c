/* The scanner in C: what patterns.py and grammar.py say, read byte by byte.
 *
 * The regular expressions define the behaviour; every function here names the part of
 * grammar.py that it does, and the tests compare the two on the same bytes. Names of elements
 * and attributes are not repeated: they come from names.py when the module is loaded.
 *
 * Nothing is allocated until a stop is found. Pointers named `end` are one past the last byte;
 * a function that reads a part gives the position behind it, NULL where it is not (all) there.
 * The data is borrowed for the length of one call, with the interpreter's lock held.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

typedef unsigned char Byte;

/* The members of names.Role. */
enum { STOP = 1, RAW_TEXT = 2, END_TAG = 4, MEDIA = 8, SHAPE = 16, ANYWHERE = 32, DRAWING = 64 };

/* The members of stops.View and stops.Kind. */
enum View { PAGE, WARY, FOREIGN, EVERY, PREAMBLE, VIEWS };
enum Kind { NOTHING, START, END, DOCTYPE, TEXT, CUT_OFF, KINDS };

/* ---- bytes ------------------------------------------------------------------------------ */

enum { SPACE = 1, SLASH = 2, GREATER = 4, EQUALS = 8, QUOTE = 16, DOUBLE = 32, REMOTE = 64 };
enum {
    GAP = SPACE | SLASH,
    NAME_END = GAP | GREATER,
    ATTRIBUTE_NAME_END = GAP | GREATER | EQUALS,
    PLAIN_NAME_END = ATTRIBUTE_NAME_END | QUOTE,
    VALUE_END = SPACE | GREATER,
    WORD_END = SPACE | GREATER | QUOTE,
    LOCAL_END = REMOTE | DOUBLE | SLASH
};

static const Byte CLASSES[256] = {
    ['\t'] = SPACE | REMOTE,
    ['\n'] = SPACE | REMOTE,
    ['\f'] = SPACE,
    ['\r'] = SPACE | REMOTE,
    [' '] = SPACE,
    ['/'] = SLASH,
    ['>'] = GREATER,
    ['='] = EQUALS,
    ['"'] = QUOTE | DOUBLE,
    ['\''] = QUOTE,
    ['&'] = REMOTE,
    [':'] = REMOTE,
    ['\\'] = REMOTE,
};

static int
is_any(Byte byte, int classes)
{
    return CLASSES[byte] & classes;
}

static int
is_letter(Byte byte)
{
    return (Byte)((byte | 0x20) - 'a') < 26;
}

static Byte
lower(Byte byte)
{
    return (Byte)(byte - 'A') < 26 ? byte | 0x20 : byte;
}

static const Byte *
skip(const Byte *p, const Byte *end, int classes)
{
    while (p < end && is_any(*p, classes))
        p++;
    return p;
}

static const Byte *
skip_until(const Byte *p, const Byte *end, int classes)
{
    while (p < end && !is_any(*p, classes))
        p++;
    return p;
}

static const Byte *
find(const Byte *p, const Byte *end, Byte byte)
{
    return p < end ? memchr(p, byte, (size_t)(end - p)) : NULL;
}

static const Byte *
find_behind(const Byte *p, const Byte *end, Byte byte)
{
    const Byte *found = find(p, end, byte);
    return found ? found + 1 : NULL;
}

/* Behind a literal that stands at p, its letters (given in lower case) in any case. */
static const Byte *
literal(const Byte *p, const Byte *end, const char *expected)
{
    for (; *expected; p++, expected++)
        if (p == end || lower(*p) != (Byte)*expected)
            return NULL;
    return p;
}

/* The same in exactly this case. */
static const Byte *
exact_literal(const Byte *p, const Byte *end, const char *expected)
{
    for (; *expected; p++, expected++)
        if (p == end || *p != (Byte)*expected)
            return NULL;
    return p;
}

/* ---- names ------------------------------------------------------------------------------ */

/* A name of up to 23 bytes in lower case: the last eight, eight before, then the first and its
 * length. */
typedef struct {
    uint64_t head, middle, tail;
} Name;

enum { LONGEST_KNOWN = 23, SLOTS = 256 };

enum { LONGEST_SETTLED = 512 }; /* stops.LONGEST_REMEMBERED_BYTES */

typedef struct {
    Name name;
    int roles;
    PyObject *spelling; /* NULL in a free slot */
} Known;

/* Some of the names, as far as one look tells: by first letter, and by second byte, a bit for each
 * length that they have. */
typedef struct {
    uint32_t lengths[2][256];
} Names;

/* What names or words may begin with: by place and byte, a bit for each that has it there. */
enum { MOST_WORDS = 64, LONGEST_WORD = 31, PLACES = 3 };

typedef struct {
    char words[MOST_WORDS][LONGEST_WORD + 1];
    uint64_t having[PLACES][256];
    int count;
} Words;

enum { CLASS = 1, ID }; /* their numbers among the suspects */

typedef struct {
    Known known[SLOTS];
    Py_ssize_t longest_anywhere;
    Names starts, ends; /* the tags at which to stop in a page */
    Words suspects;     /* attributes, in lower case */
    Words plugins;      /* words in class and id, in exactly this case */
    PyObject *stop_type;
    PyObject *attribute_type;
    PyObject *read_value;
    PyObject *kinds[KINDS];
    newfunc new_tuple;
} State;

static unsigned
slot_of(Name name)
{
    uint64_t mixed = (name.head ^ name.middle ^ name.tail) * UINT64_C(0x9E3779B97F4A7C15);
    return (unsigned)(mixed >> 56);
}

/* Behind a tag's name; what it is called goes to *name, all zeros where it is too long. */
static const Byte *
read_name(const Byte *p, const Byte *end, Name *name)
{
    const Byte *start = p;
    uint64_t head = 0, middle = 0, tail = 0;
    for (; p < end && !is_any(*p, NAME_END); p++) {
        tail = tail << 8 | middle >> 56;
        middle = middle << 8 | head >> 56;
        head = head << 8 | lower(*p);
    }
    if (p - start > LONGEST_KNOWN)
        head = middle = tail = 0;
    else
        tail |= (uint64_t)(p - start) << 56;
    name->head = head;
    name->middle = middle;
    name->tail = tail;
    return p;
}

static int
is_same(Name one, Name other)
{
    return one.head == other.head && one.middle == other.middle && one.tail == other.tail;
}

/* The slot of a known name, else a free one: there are always some. */
static Known *
look_up(State *state, Name name)
{
    unsigned slot = slot_of(name);
    for (;; slot = (slot + 1) % SLOTS) {
        Known *known = &state->known[slot];
        if (!known->spelling || is_same(known->name, name))
            return known;
    }
}

/* Whether a name, which is complete, may be one of these. */
static int
may_be_one_of(const Names *names, const Byte *name, Py_ssize_t size)
{
    uint32_t lengths = names->lengths[0][name[0]] & names->lengths[1][name[1]];
    return size <= LONGEST_KNOWN && lengths >> size & 1;
}

/* The number, from 1, of the word with which begins what stands at p; 0 where none does. */
static inline int
word_at(const Words *words, const Byte *p, const Byte *end, int any_case)
{
    uint64_t left = p < end ? words->having[0][*p] : 0;
    int place = 1;
    for (; left && place < PLACES && p + place < end; place++)
        left &= words->having[place][p[place]];
    for (int i = 0; left; i++, left >>= 1) {
        const char *rest = words->words[i] + place;
        if (left & 1 &&
            (any_case ? literal(p + place, end, rest) : exact_literal(p + place, end, rest)))
            return i + 1;
    }
    return 0;
}

/* grammar._PLUGIN, from behind the name. */
static int
is_plugin(const State *state, const Byte *p, const Byte *end)
{
    p = skip(p, end, SPACE);
    if (p == end || *p != '=')
        return 0;
    p = skip(p + 1, end, SPACE);
    if (p == end || !is_any(*p, QUOTE))
        return word_at(&state->plugins, p, end, 0);
    do {
        if (word_at(&state->plugins, ++p, end, 0))
            return 1;
        p = skip_until(p, end, WORD_END);
    } while (p < end && is_any(*p, SPACE));
    return 0;
}

/* grammar.SUSPECT */
static int
is_suspect(const State *state, const Byte *p, const Byte *end)
{
    int number = word_at(&state->suspects, p, end, 1);
    if (number != CLASS && number != ID)
        return number;
    return is_plugin(state, p + (number == CLASS ? sizeof "class" : sizeof "id") - 1, end);
}

/* ---- the rest of a tag, after its name -------------------------------------------------- */

/* grammar.REST: attributes as the tokenizer reads them, and ">". */
static const Byte *
rest_of_tag(const Byte *p, const Byte *end)
{
    for (;;) {
        p = skip(p, end, GAP);
        if (p == end)
            return NULL;
        if (*p == '>')
            return p + 1;
        p = skip_until(p + 1, end, ATTRIBUTE_NAME_END); /* the first byte may be a "=" */
        const Byte *value = skip(p, end, SPACE);
        if (value == end)
            return NULL;
        if (*value != '=')
            continue;
        value = skip(value + 1, end, SPACE);
        if (value == end)
            return NULL;
        if (is_any(*value, QUOTE))
            p = find_behind(value + 1, end, *value);
        else
            p = skip_until(value, end, VALUE_END);
        if (!p)
            return NULL;
    }
}

/* The value in grammar._LOCAL_REST: in double quotes, and nothing in it names another host. */
static const Byte *
local_value(const Byte *p, const Byte *end)
{
    if (*p != '"')
        return NULL;
    for (p++;; p++) {
        p = skip_until(p, end, LOCAL_END);
        if (p == end)
            return NULL;
        if (*p == '"')
            return p + 1;
        if (*p != '/' || p + 1 == end || p[1] == '/')
            return NULL;
    }
}

/* The value in grammar._DULL_REST. */
static const Byte *
any_value(const Byte *p, const Byte *end)
{
    if (is_any(*p, QUOTE))
        return find_behind(p + 1, end, *p);
    return is_any(*p, VALUE_END) ? NULL : skip_until(p, end, VALUE_END);
}

/* grammar._plain_rest: tidily separated attributes, none suspect, of such values. */
static const Byte *
plain_rest(State *state, const Byte *p, const Byte *end, int local)
{
    for (;;) {
        const Byte *name = skip(p, end, GAP);
        if (name == end)
            return NULL;
        if (*name == '>')
            return name + 1;
        if (name == p || is_suspect(state, name, end))
            return NULL;
        p = skip_until(name, end, PLAIN_NAME_END);
        if (p == name || p == end)
            return NULL;
        if (*p == '=') {
            if (++p == end)
                return NULL;
            p = local ? local_value(p, end) : any_value(p, end);
            if (!p)
                return NULL;
        } else if (is_any(*p, QUOTE)) {
            return NULL;
        } else if (is_any(*p, SPACE)) {
            const Byte *follows = skip(p, end, SPACE);
            if (follows == end || *follows == '=')
                return NULL;
        }
    }
}

/* ---- what is passed over whole ---------------------------------------------------------- */

/* grammar._whole_raw_text, from behind the name in its start tag. */
static const Byte *
whole_raw_text(State *state, const Byte *p, const Byte *end, Name name, int style)
{
    p = plain_rest(state, p, end, 0);
    const Byte *begins = p && style ? skip(p, end, SPACE) : end;
    if (begins < end && (*begins == '@' || *begins == '/')) /* grammar._BEGINS */
        return NULL;
    while (p && (p = find_behind(p, end, '<'))) {
        Name ending;
        if (p == end || *p != '/')
            continue;
        const Byte *behind = read_name(p + 1, end, &ending);
        if (behind < end && is_same(ending, name))
            return rest_of_tag(behind, end);
    }
    return NULL;
}

/* The tags in grammar._PLAIN_DRAWING, from behind a "<". */
static const Byte *
plain_shape(State *state, const Byte *p, const Byte *end)
{
    const Byte *title = literal(p, end, "title>");
    if (title) {
        title = find_behind(title, end, '<');
        return title ? literal(title, end, "/title>") : NULL;
    }
    if (p < end && *p == '/')
        p++;
    Name name;
    p = read_name(p, end, &name);
    return look_up(state, name)->roles & SHAPE ? plain_rest(state, p, end, 0) : NULL;
}

/* grammar._PLAIN_DRAWING, from behind the name in its start tag. */
static const Byte *
plain_drawing(State *state, const Byte *p, const Byte *end)
{
    p = plain_rest(state, p, end, 0);
    if (!p || p[-2] == '/')
        return NULL;
    while (p && (p = find_behind(p, end, '<'))) {
        const Byte *behind = literal(p, end, "/svg>");
        if (behind)
            return behind;
        p = plain_shape(state, p, end);
    }
    return NULL;
}

/* grammar.COMMENT, from behind "<!--". */
static const Byte *
comment(const Byte *p, const Byte *end)
{
    const Byte *at_once = literal(p, end, "->");
    if (at_once || (at_once = literal(p, end, ">")))
        return at_once;
    while ((p = find_behind(p, end, '-'))) {
        if (p == end || *p != '-')
            continue;
        const Byte *behind = literal(p, end, "->");
        if (behind || (behind = literal(p, end, "-!>")))
            return behind;
    }
    return NULL;
}

/* ---- the scan --------------------------------------------------------------------------- */

typedef struct {
    enum Kind kind;
    const Byte *start, *end;
    const Byte *name, *name_end;
    Known *known;
} Found;

static const Byte *
stop_at(Found *found, enum Kind kind, const Byte *start, const Byte *end)
{
    found->kind = kind;
    found->start = start;
    found->end = end;
    return NULL;
}

static const Byte *
stop_at_tag(Found *found, enum Kind kind, const Byte *start, const Byte *end)
{
    if (!end)
        return stop_at(found, CUT_OFF, start, start + 1);
    return stop_at(found, kind, start, end);
}

/* Each of the following reads what begins at the "<" at start: it gives the position behind
 * what is passed over, or NULL with the stop in *found. */

static const Byte *
start_tag(State *state, enum View view, const Byte *start, const Byte *end, Found *found)
{
    Name name;
    const Byte *p = read_name(start + 1, end, &name);
    const Byte *behind = NULL;
    Known *known = look_up(state, name);
    int roles = known->roles;
    if (view == PAGE || view == WARY) {
        if (!(roles & STOP))
            behind = plain_rest(state, p, end, 0);
        else if (view == PAGE && roles & MEDIA)
            behind = plain_rest(state, p, end, 1);
        else if (view == PAGE && roles & RAW_TEXT)
            behind = whole_raw_text(state, p, end, name, literal(start + 1, p, "style") == p);
        else if (view == PAGE && roles & DRAWING)
            behind = plain_drawing(state, p, end);
    }
    if (behind)
        return behind;
    found->name = start + 1;
    found->name_end = p;
    found->known = known;
    return stop_at_tag(found, START, start, rest_of_tag(p, end));
}

static const Byte *
end_tag(State *state, enum View view, const Byte *start, const Byte *end, Found *found)
{
    Name name;
    const Byte *p = read_name(start + 2, end, &name);
    const Byte *behind = p < end && *p == '>' ? p + 1 : rest_of_tag(p, end);
    Known *known = look_up(state, name);
    if (behind && (view == PAGE || view == WARY) && !(known->roles & END_TAG))
        return behind;
    found->name = start + 2;
    found->name_end = p;
    found->known = known;
    return stop_at_tag(found, END, start, behind);
}

static const Byte *
bogus_comment(const Byte *start, const Byte *end, Found *found)
{
    const Byte *behind = find_behind(start + 2, end, '>');
    return behind ? behind : stop_at(found, CUT_OFF, start, start + 1);
}

static const Byte *
declaration(enum View view, const Byte *start, const Byte *end, Found *found)
{
    const Byte *p = start + 2, *behind;
    if ((behind = literal(p, end, "--"))) {
        behind = comment(behind, end);
        return behind ? behind : stop_at(found, CUT_OFF, start, start + 1);
    }
    if (view == PREAMBLE && (behind = literal(p, end, "doctype")))
        return stop_at(found, DOCTYPE, start, behind);
    if (view == FOREIGN && end - p >= 7 && !memcmp(p, "[CDATA[", 7))
        return stop_at(found, CUT_OFF, start, start + 1);
    return bogus_comment(start, end, found);
}

static const Byte *
markup(State *state, enum View view, const Byte *start, const Byte *end, Found *found)
{
    const Byte *p = start + 1;
    if (p == end)
        return stop_at(found, CUT_OFF, start, p);
    if (is_letter(*p))
        return start_tag(state, view, start, end, found);
    if (*p == '/' && p + 1 < end && is_letter(p[1]))
        return end_tag(state, view, start, end, found);
    if (*p == '!')
        return declaration(view, start, end, found);
    if (*p == '/' || *p == '?') /* "</>" is passed over like an empty comment */
        return bogus_comment(start, end, found);
    return view == PREAMBLE ? stop_at(found, TEXT, start, p) : p;
}

/* grammar.preamble: what may come before the first text; NULL with the text in *found. */
static const Byte *
no_text(const Byte *p, const Byte *end, Found *found)
{
    for (;;) {
        p = skip(p, end, SPACE);
        if (p == end)
            return stop_at(found, NOTHING, end, end);
        if (*p == '<')
            return p;
        if (*p != 0xEF)
            return stop_at(found, TEXT, p, p + 1);
        Py_ssize_t left = end - p;
        if (left > 1 && p[1] != 0xBB)
            return stop_at(found, TEXT, p, p + 1);
        if (left < 3) /* a byte order mark that is cut off */
            return stop_at(found, NOTHING, p, p);
        if (p[2] != 0xBF)
            return stop_at(found, TEXT, p, p + 1);
        p += 3;
    }
}

/* grammar._dull_start_tag and _dull_end_tag, as far as one look at the name tells them: behind the
 * tag that begins at the "<" at start. NULL where it takes more, in `markup`. */
static inline const Byte *
dull_tag(State *state, const Byte *start, const Byte *end)
{
    const Byte *name = start + 1;
    const Names *names = &state->starts;
    if (name < end && *name == '/') {
        name++;
        names = &state->ends;
    }
    if (name == end || !is_letter(*name))
        return NULL;
    const Byte *p = skip_until(name + 1, end, NAME_END);
    if (p == end || may_be_one_of(names, name, p - name))
        return NULL;
    if (*p == '>')
        return p + 1;
    return names == &state->starts ? plain_rest(state, p, end, 0) : NULL;
}

/* The next "<": often at once or behind one byte, where memchr would take longer. */
static const Byte *
next_less_than(const Byte *p, const Byte *end)
{
    for (int i = 0; i < 2 && p < end; i++, p++)
        if (*p == '<')
            return p;
    return find(p, end, '<');
}

static void
scan(State *state, enum View view, const Byte *p, const Byte *end, Found *found)
{
    int in_page = view == PAGE || view == WARY;
    while (p) {
        if (view == PREAMBLE)
            p = no_text(p, end, found);
        else if (!(p = next_less_than(p, end)))
            stop_at(found, NOTHING, end, end);
        if (p) {
            const Byte *behind = in_page ? dull_tag(state, p, end) : NULL;
            p = behind ? behind : markup(state, view, p, end, found);
        }
    }
}

/* ---- what Python calls ------------------------------------------------------------------ */

static PyObject *
lower_bytes(const Byte *p, const Byte *end)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, end - p);
    Byte *to = bytes ? (Byte *)PyBytes_AsString(bytes) : NULL;
    while (to && p < end)
        *to++ = lower(*p++);
    return bytes;
}

/* The name of the tag in *found: the object from names.py, or a new one. */
static PyObject *
name_of(const Found *found)
{
    if (found->known->spelling)
        return Py_NewRef(found->known->spelling);
    return lower_bytes(found->name, found->name_end);
}

/* One of our named tuples from its items, of which it takes the reference; NULL where it is. */
static PyObject *
named_tuple(State *state, PyObject *type, PyObject *items)
{
    PyObject *arguments = items ? PyTuple_Pack(1, items) : NULL, *made = NULL;
    if (arguments)
        made = state->new_tuple((PyTypeObject *)type, arguments, NULL);
    Py_XDECREF(arguments);
    Py_XDECREF(items);
    return made;
}

/* A tuple of so many new objects, of which it takes the references; NULL where one of them is. */
static PyObject *
tuple_of(PyObject *const *objects, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (tuple && objects[i]) {
            PyTuple_SetItem(tuple, i, objects[i]);
        } else {
            Py_XDECREF(objects[i]);
            Py_CLEAR(tuple);
        }
    }
    return tuple;
}

/* stops.Stop of these four; takes the reference to name, which may be NULL after an error. */
static PyObject *
new_stop(State *state, enum Kind kind, Py_ssize_t start, Py_ssize_t end, PyObject *name)
{
    PyObject *parts[] = {Py_NewRef(state->kinds[kind]), PyLong_FromSsize_t(start),
                         PyLong_FromSsize_t(end), name};
    return named_tuple(state, state->stop_type, tuple_of(parts, 4));
}

static PyObject *
new_stop_in(State *state, const Found *found, const Byte *data)
{
    int named = found->kind == START || found->kind == END;
    PyObject *name = named ? name_of(found) : PyBytes_FromStringAndSize(NULL, 0);
    return new_stop(state, found->kind, found->start - data, found->end - data, name);
}

/* -1 with an exception set where it is no number. */
static int
to_ssize(PyObject *number, Py_ssize_t *value)
{
    *value = PyLong_AsSsize_t(number);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

static Py_ssize_t
within(Py_ssize_t position, Py_ssize_t size)
{
    return position < 0 ? 0 : position > size ? size : position;
}

static int
has_arguments(const char *function, Py_ssize_t count, Py_ssize_t expected)
{
    if (count == expected)
        return 1;
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, not %zd", function, expected, count);
    return 0;
}

static PyObject *
next_stop(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    State *state = PyModule_GetState(module);
    Py_ssize_t view, position;
    Py_buffer data;
    if (!has_arguments("next_stop", count, 3) || to_ssize(arguments[0], &view) < 0 ||
        to_ssize(arguments[2], &position) < 0)
        return NULL;
    if (view < 0 || view >= VIEWS) {
        PyErr_Format(PyExc_ValueError, "there is no view %zd", view);
        return NULL;
    }
    if (PyObject_GetBuffer(arguments[1], &data, PyBUF_SIMPLE) < 0)
        return NULL;
    const Byte *bytes = data.buf;
    Found found = {0};
    scan(state, (enum View)view, bytes + within(position, data.len), bytes + data.len, &found);
    PyObject *stop = new_stop_in(state, &found, bytes);
    PyBuffer_Release(&data);
    return stop;
}

/* What is settled of the start tag in *found: None, a tuple, or NULL where nothing is, with an
 * exception set after an error. A borrowed reference. */
static PyObject *
settled_of(PyObject *settled, const Found *found)
{
    Py_ssize_t size = found->end - found->start;
    if (found->kind != START || size > LONGEST_SETTLED)
        return NULL;
    PyObject *raw = PyBytes_FromStringAndSize((const char *)found->start, size);
    PyObject *value = raw ? PyDict_GetItemWithError(settled, raw) : NULL;
    Py_XDECREF(raw);
    return value;
}

/* Adds a settled tag that changes to the list; -1 with an exception set after an error. */
static int
add_met(PyObject *met, const Found *found, const Byte *data, PyObject *value)
{
    PyObject *parts[] = {PyLong_FromSsize_t(found->start - data),
                         PyLong_FromSsize_t(found->end - data), Py_NewRef(value)};
    PyObject *one = tuple_of(parts, 3);
    int failed = !one || PyList_Append(met, one) < 0;
    Py_XDECREF(one);
    return failed ? -1 : 0;
}

/* Scans to the first stop that is not settled; -1 with an exception set after an error. */
static int
scan_unsettled(State *state, PyObject *settled, PyObject *met, const Byte *data, const Byte *p,
               const Byte *end, Found *found)
{
    for (;;) {
        scan(state, PAGE, p, end, found);
        PyObject *value = settled_of(settled, found);
        if (!value)
            return PyErr_Occurred() ? -1 : 0;
        p = found->end;
        if (literal(found->name, found->name_end, "script") == found->name_end &&
            !(p = exact_literal(p, end, "</script>")))
            return 0;
        if (value != Py_None && add_met(met, found, data, value) < 0)
            return -1;
    }
}

static PyObject *
next_unsettled(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    State *state = PyModule_GetState(module);
    Py_ssize_t position;
    Py_buffer data;
    if (!has_arguments("next_unsettled", count, 4) || to_ssize(arguments[1], &position) < 0)
        return NULL;
    if (!PyDict_Check(arguments[2]) || !PyList_Check(arguments[3])) {
        PyErr_SetString(PyExc_TypeError, "what is settled is a dict, and what was met a list");
        return NULL;
    }
    if (PyObject_GetBuffer(arguments[0], &data, PyBUF_SIMPLE) < 0)
        return NULL;
    const Byte *bytes = data.buf;
    Found found = {0};
    PyObject *stop = NULL;
    if (scan_unsettled(state, arguments[2], arguments[3], bytes,
                       bytes + within(position, data.len), bytes + data.len, &found) == 0)
        stop = new_stop_in(state, &found, bytes);
    PyBuffer_Release(&data);
    return stop;
}

/* patterns.next_start_tag_anywhere; 0 where there is none. */
static int
find_anywhere(State *state, const Byte *p, const Byte *end, Py_ssize_t cap, Found *found)
{
    while ((p = find(p, end, '<'))) {
        Name name;
        const Byte *start = p++;
        if (p == end || !is_letter(*p))
            continue;
        /* No further than it takes: each byte may belong to the names of many. */
        const Byte *far = end - p > LONGEST_KNOWN ? p + LONGEST_KNOWN + 1 : end;
        const Byte *name_end = read_name(p, far, &name);
        Known *known = look_up(state, name);
        if (name_end == end || !(known->roles & ANYWHERE))
            continue;
        const Byte *limit = cap < end - start ? start + (cap < 0 ? 0 : cap) : end;
        found->name = p;
        found->name_end = name_end;
        found->known = known;
        stop_at_tag(found, START, start, name_end < limit ? rest_of_tag(name_end, limit) : NULL);
        return 1;
    }
    return 0;
}

static PyObject *
next_start_tag_anywhere(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    State *state = PyModule_GetState(module);
    Py_ssize_t position, cap;
    Py_buffer data;
    if (!has_arguments("next_start_tag_anywhere", count, 3) ||
        to_ssize(arguments[1], &position) < 0 || to_ssize(arguments[2], &cap) < 0)
        return NULL;
    if (PyObject_GetBuffer(arguments[0], &data, PyBUF_SIMPLE) < 0)
        return NULL;
    const Byte *bytes = data.buf, *end = bytes + data.len;
    Found found = {0};
    PyObject *stop;
    if (find_anywhere(state, bytes + within(position, data.len), end, cap, &found)) {
        stop = new_stop_in(state, &found, bytes);
    } else {
        Py_ssize_t read = data.len - state->longest_anywhere - 2; /* without "<" and ">" */
        if (read < position)
            read = position;
        stop = new_stop(state, NOTHING, read, read, PyBytes_FromStringAndSize(NULL, 0));
    }
    PyBuffer_Release(&data);
    return stop;
}

/* attributes.lower_text */
static PyObject *
lower_text(const Byte *p, const Byte *end)
{
    char few[32];
    Py_ssize_t size = end - p;
    if (size <= (Py_ssize_t)sizeof few) {
        for (Py_ssize_t i = 0; i < size; i++)
            few[i] = (char)lower(p[i]);
        return PyUnicode_DecodeUTF8(few, size, "surrogateescape");
    }
    PyObject *bytes = lower_bytes(p, end), *text = NULL;
    if (bytes)
        text = PyUnicode_DecodeUTF8(PyBytes_AsString(bytes), size, "surrogateescape");
    Py_XDECREF(bytes);
    return text;
}

/* charrefs.read_value, which is asked only where there is something to resolve. */
static PyObject *
value_text(State *state, const Byte *p, const Byte *end)
{
    if (!find(p, end, '&') && !find(p, end, 0))
        return PyUnicode_DecodeUTF8((const char *)p, end - p, "surrogateescape");
    PyObject *raw = PyBytes_FromStringAndSize((const char *)p, end - p), *value = NULL;
    if (raw)
        value = PyObject_CallFunctionObjArgs(state->read_value, raw, NULL);
    Py_XDECREF(raw);
    return value;
}

/* Adds the attribute whose name begins at p, in the tag that begins at raw, to the list; gives
 * the position behind it, NULL with an exception set after an error. */
static const Byte *
add_attribute(State *state, PyObject *list, const Byte *raw, const Byte *p, const Byte *end)
{
    const Byte *name_end = skip_until(p + 1, end, ATTRIBUTE_NAME_END);
    const Byte *behind = name_end, *value = name_end, *value_end = name_end;
    const Byte *equals = skip(name_end, end, SPACE);
    if (equals < end && *equals == '=') {
        value = value_end = behind = skip(equals + 1, end, SPACE);
        if (value < end && is_any(*value, QUOTE)) {
            Byte quote = *value++;
            value_end = find(value, end, quote);
            if (!value_end) /* not so in a complete tag */
                value_end = end;
            behind = value_end < end ? value_end + 1 : end;
        } else {
            value_end = behind = skip_until(value, end, VALUE_END);
        }
    }
    PyObject *parts[] = {lower_text(p, name_end),
                         value_text(state, value, value_end),
                         PyLong_FromSsize_t(p - raw),
                         PyLong_FromSsize_t(behind - raw),
                         PyLong_FromSsize_t(value - raw),
                         PyLong_FromSsize_t(value_end - raw)};
    PyObject *attribute = named_tuple(state, state->attribute_type, tuple_of(parts, 6));
    int failed = !attribute || PyList_Append(list, attribute) < 0;
    Py_XDECREF(attribute);
    return failed ? NULL : behind;
}

static PyObject *
attributes_in(State *state, const Byte *raw, const Byte *p, const Byte *end)
{
    PyObject *list = PyList_New(0), *attributes = NULL;
    while (list && p) {
        p = skip(p, end, GAP);
        if (p == end || *p == '>') {
            attributes = PyList_AsTuple(list);
            break;
        }
        p = add_attribute(state, list, raw, p, end);
    }
    Py_XDECREF(list);
    return attributes;
}

static PyObject *
attributes_of(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    Py_ssize_t position;
    Py_buffer raw;
    if (!has_arguments("attributes_of", count, 2) || to_ssize(arguments[1], &position) < 0)
        return NULL;
    if (PyObject_GetBuffer(arguments[0], &raw, PyBUF_SIMPLE) < 0)
        return NULL;
    const Byte *bytes = raw.buf;
    PyObject *attributes = attributes_in(PyModule_GetState(module), bytes,
                                         bytes + within(position, raw.len), bytes + raw.len);
    PyBuffer_Release(&raw);
    return attributes;
}

/* ---- loading ---------------------------------------------------------------------------- */

static PyObject *
attribute_of(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *value = module ? PyObject_GetAttrString(module, name) : NULL;
    Py_XDECREF(module);
    return value;
}

static void
add_name(Names *names, const char *name, Py_ssize_t size)
{
    for (int place = 0; place < 2; place++)
        for (int byte = 0; byte < 256; byte++)
            if (place >= size || lower((Byte)byte) == (Byte)name[place])
                names->lengths[place][byte] |= UINT32_C(1) << size;
}

static int
load_name(State *state, PyObject *spelling, PyObject *roles)
{
    char *bytes;
    Py_ssize_t size;
    long bits = PyLong_AsLong(roles);
    if ((bits == -1 && PyErr_Occurred()) || PyBytes_AsStringAndSize(spelling, &bytes, &size) < 0)
        return -1;
    if (size > LONGEST_KNOWN) {
        PyErr_Format(PyExc_ValueError, "%R is too long a name for the scanner", spelling);
        return -1;
    }
    Name name;
    read_name((const Byte *)bytes, (const Byte *)bytes + size, &name);
    Known *known = look_up(state, name);
    known->name = name;
    known->roles = (int)bits;
    known->spelling = Py_NewRef(spelling);
    if (bits & STOP)
        add_name(&state->starts, bytes, size);
    if (bits & END_TAG)
        add_name(&state->ends, bytes, size);
    if (bits & ANYWHERE && size > state->longest_anywhere)
        state->longest_anywhere = size;
    return 0;
}

static int
load_names(State *state)
{
    PyObject *roles = attribute_of("consentgate.gate.html.names", "ROLES");
    PyObject *spelling, *bits;
    Py_ssize_t at = 0;
    int failed = !roles;
    if (!failed && PyDict_Size(roles) > SLOTS / 2) {
        PyErr_SetString(PyExc_ValueError, "there are too many names for the scanner");
        failed = 1;
    }
    while (!failed && PyDict_Next(roles, &at, &spelling, &bits))
        failed = load_name(state, spelling, bits) < 0;
    Py_XDECREF(roles);
    return failed ? -1 : 0;
}

static int
add_word(Words *words, const char *word, int any_case)
{
    size_t size = strlen(word);
    int number = words->count++;
    if (number >= MOST_WORDS || size < 1 || size > LONGEST_WORD ||
        word_at(words, (const Byte *)word, (const Byte *)word + size, any_case)) {
        PyErr_Format(PyExc_ValueError, "%s is one word too many for the scanner, or too long",
                     word);
        return -1;
    }
    memcpy(words->words[number], word, size);
    for (int place = 0; place < PLACES; place++)
        for (int byte = 0; byte < 256; byte++)
            if (place >= (int)size ||
                (any_case ? lower((Byte)byte) : byte) == (Byte)word[place])
                words->having[place][byte] |= UINT64_C(1) << number;
    return 0;
}

static int
load_words(Words *words, const char *name, int any_case)
{
    PyObject *spellings = attribute_of("consentgate.gate.html.names", name);
    Py_ssize_t count = spellings ? PyTuple_Size(spellings) : -1;
    int failed = count < 0;
    for (Py_ssize_t i = 0; !failed && i < count; i++) {
        const char *word = PyBytes_AsString(PyTuple_GetItem(spellings, i));
        failed = !word || add_word(words, word, any_case) < 0;
    }
    Py_XDECREF(spellings);
    return failed ? -1 : 0;
}

/* "class" and "id" come first: a suspect that begins so would be hidden, and is refused. */
static int
load_suspects(State *state)
{
    if (add_word(&state->suspects, "class", 1) < 0 || add_word(&state->suspects, "id", 1) < 0 ||
        load_words(&state->suspects, "SUSPECT_ATTRIBUTES", 1) < 0)
        return -1;
    return load_words(&state->plugins, "PLUGIN_WORDS", 0);
}

static int
load_kinds(State *state)
{
    PyObject *kind_type = attribute_of("consentgate.gate.html.stops", "Kind");
    int failed = !kind_type;
    for (int kind = NOTHING; !failed && kind < KINDS; kind++) {
        state->kinds[kind] = PyObject_CallFunction(kind_type, "i", kind);
        failed = !state->kinds[kind];
    }
    Py_XDECREF(kind_type);
    return failed ? -1 : 0;
}

static int
load(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->new_tuple = (newfunc)PyType_GetSlot(&PyTuple_Type, Py_tp_new);
    state->stop_type = attribute_of("consentgate.gate.html.stops", "Stop");
    state->attribute_type = attribute_of("consentgate.gate.html.attributes", "Attribute");
    state->read_value = attribute_of("consentgate.gate.html.charrefs", "read_value");
    if (!state->stop_type || !state->attribute_type || !state->read_value ||
        load_kinds(state) < 0)
        return -1;
    return load_names(state) < 0 ? -1 : load_suspects(state);
}

static int
traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    if (!state)
        return 0;
    Py_VISIT(state->stop_type);
    Py_VISIT(state->attribute_type);
    Py_VISIT(state->read_value);
    for (int kind = 0; kind < KINDS; kind++)
        Py_VISIT(state->kinds[kind]);
    return 0; /* the spellings are bytes, which refer to nothing */
}

static int
clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    if (!state)
        return 0;
    Py_CLEAR(state->stop_type);
    Py_CLEAR(state->attribute_type);
    Py_CLEAR(state->read_value);
    for (int kind = 0; kind < KINDS; kind++)
        Py_CLEAR(state->kinds[kind]);
    for (int slot = 0; slot < SLOTS; slot++)
        Py_CLEAR(state->known[slot].spelling);
    return 0;
}

static void
release(void *module)
{
    clear(module);
}

static PyMethodDef FUNCTIONS[] = {
    {"next_stop", (PyCFunction)(void (*)(void))next_stop, METH_FASTCALL,
     "The next stop from a position where markup is read."},
    {"next_unsettled", (PyCFunction)(void (*)(void))next_unsettled, METH_FASTCALL,
     "The next stop in a page beyond the start tags upon which was decided before."},
    {"next_start_tag_anywhere", (PyCFunction)(void (*)(void))next_start_tag_anywhere,
     METH_FASTCALL, "The next gated start tag at whatever \"<\"."},
    {"attributes_of", (PyCFunction)(void (*)(void))attributes_of, METH_FASTCALL,
     "The attributes of one complete start tag, from behind its name."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot SLOTS_OF_MODULE[] = {
    {Py_mod_exec, load},
    {0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_scanner",
    .m_doc = "The scanner of the HTML gate in C; see patterns.py.",
    .m_size = sizeof(State),
    .m_methods = FUNCTIONS,
    .m_slots = SLOTS_OF_MODULE,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC
PyInit__scanner(void)
{
    return PyModuleDef_Init(&MODULE);
}
