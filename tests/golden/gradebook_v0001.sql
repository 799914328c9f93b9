BEGIN TRANSACTION;
CREATE TABLE assignments (
	id TEXT NOT NULL, 
	seed TEXT NOT NULL, 
	CONSTRAINT pk_assignments PRIMARY KEY (id)
);
INSERT INTO "assignments" VALUES('a1','42');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	student TEXT NOT NULL, 
	work TEXT NOT NULL, 
	what TEXT NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-21 07:19:17.385589','ta','seed','','a1','given','','');
INSERT INTO "audit" VALUES(2,'2026-11-21 07:19:17.405297','ta','graded','ada','a1','','','graded: 6 of 10');
INSERT INTO "audit" VALUES(3,'2026-11-21 07:19:17.416263','ta','graded','ada','a1','','graded: 6 of 10','graded: 8 of 10');
INSERT INTO "audit" VALUES(4,'2026-11-21 07:19:17.424391','ta','graded','ben','a1','','','graded: 6 of 10');
CREATE TABLE claims (
	work TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	until FLOAT NOT NULL, 
	CONSTRAINT pk_claims PRIMARY KEY (work)
);
CREATE TABLE counting (
	submission_id INTEGER NOT NULL, 
	grading_id INTEGER NOT NULL, 
	CONSTRAINT pk_counting PRIMARY KEY (submission_id), 
	CONSTRAINT fk_counting_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id), 
	CONSTRAINT fk_counting_grading_id FOREIGN KEY(grading_id) REFERENCES gradings (id)
);
INSERT INTO "counting" VALUES(1,2);
INSERT INTO "counting" VALUES(2,3);
CREATE TABLE gradebook_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT gradebook_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "gradebook_version" VALUES('v0001');
CREATE TABLE gradings (
	id INTEGER NOT NULL, 
	submission_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	run TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	points FLOAT NOT NULL, 
	max_points FLOAT NOT NULL, 
	who TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	result TEXT NOT NULL, 
	CONSTRAINT pk_gradings PRIMARY KEY (id), 
	CONSTRAINT fk_gradings_submission_id FOREIGN KEY(submission_id) REFERENCES submissions (id), 
	CONSTRAINT uq_gradings_submission_id UNIQUE (submission_id, "key", outcome, run)
);
INSERT INTO "gradings" VALUES(1,1,'k1','','graded',6.0,10.0,'ta','2026-11-21 07:19:17.396411','{
 "format": 1,
 "student": "ada",
 "name": "Ada L.",
 "source": "ada.zip",
 "notebook": "01_camera_geometry",
 "outcome": "graded",
 "max_points": 10.0,
 "exercises": [
  {
   "exercise": "ex",
   "title": "Exercise",
   "max_points": 8.0,
   "checks": [
    {
     "exercise": "ex",
     "name": "c0",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c1",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c2",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c3",
     "title": "t",
     "entrance": false,
     "status": "failed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    }
   ],
   "remarks": [],
   "status": "failed",
   "points": 6.0,
   "printed": ""
  }
 ],
 "written": [
  {
   "id": "why",
   "number": "1.9",
   "title": "Why?",
   "max_points": 2.0,
   "text": "because"
  }
 ],
 "problems": [],
 "remarks": [],
 "tier": "",
 "seconds": 0.0,
 "spent": {},
 "key": "k1",
 "points": 6.0
}
');
INSERT INTO "gradings" VALUES(2,1,'k2','','graded',8.0,10.0,'ta','2026-11-21 07:19:17.411933','{
 "format": 1,
 "student": "ada",
 "name": "Ada L.",
 "source": "ada.zip",
 "notebook": "01_camera_geometry",
 "outcome": "graded",
 "max_points": 10.0,
 "exercises": [
  {
   "exercise": "ex",
   "title": "Exercise",
   "max_points": 8.0,
   "checks": [
    {
     "exercise": "ex",
     "name": "c0",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c1",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c2",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c3",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    }
   ],
   "remarks": [],
   "status": "passed",
   "points": 8.0,
   "printed": ""
  }
 ],
 "written": [
  {
   "id": "why",
   "number": "1.9",
   "title": "Why?",
   "max_points": 2.0,
   "text": "because"
  }
 ],
 "problems": [],
 "remarks": [],
 "tier": "",
 "seconds": 0.0,
 "spent": {},
 "key": "k2",
 "points": 8.0
}
');
INSERT INTO "gradings" VALUES(3,2,'k1','','graded',6.0,10.0,'ta','2026-11-21 07:19:17.418475','{
 "format": 1,
 "student": "ben",
 "name": "",
 "source": "ben.ipynb",
 "notebook": "01_camera_geometry",
 "outcome": "graded",
 "max_points": 10.0,
 "exercises": [
  {
   "exercise": "ex",
   "title": "Exercise",
   "max_points": 8.0,
   "checks": [
    {
     "exercise": "ex",
     "name": "c0",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c1",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c2",
     "title": "t",
     "entrance": false,
     "status": "passed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    },
    {
     "exercise": "ex",
     "name": "c3",
     "title": "t",
     "entrance": false,
     "status": "failed",
     "message": "",
     "evidence": {
      "expected": null,
      "actual": null,
      "worst": null,
      "hint": null,
      "picture": null
     },
     "traceback": "",
     "seconds": 0.0
    }
   ],
   "remarks": [],
   "status": "failed",
   "points": 6.0,
   "printed": ""
  }
 ],
 "written": [
  {
   "id": "why",
   "number": "1.9",
   "title": "Why?",
   "max_points": 2.0,
   "text": "because"
  }
 ],
 "problems": [],
 "remarks": [],
 "tier": "",
 "seconds": 0.0,
 "spent": {},
 "key": "k1",
 "points": 6.0
}
');
CREATE TABLE scores (
	grading_id INTEGER NOT NULL, 
	item TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	title TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	points FLOAT, 
	max_points FLOAT NOT NULL, 
	CONSTRAINT pk_scores PRIMARY KEY (grading_id, item), 
	CONSTRAINT fk_scores_grading_id FOREIGN KEY(grading_id) REFERENCES gradings (id)
);
INSERT INTO "scores" VALUES(1,'ex',0,'','Exercise','exercise',6.0,8.0);
INSERT INTO "scores" VALUES(1,'why',1,'1.9','Why?','written',NULL,2.0);
INSERT INTO "scores" VALUES(2,'ex',0,'','Exercise','exercise',8.0,8.0);
INSERT INTO "scores" VALUES(2,'why',1,'1.9','Why?','written',NULL,2.0);
INSERT INTO "scores" VALUES(3,'ex',0,'','Exercise','exercise',6.0,8.0);
INSERT INTO "scores" VALUES(3,'why',1,'1.9','Why?','written',NULL,2.0);
CREATE TABLE students (
	id INTEGER NOT NULL, 
	student TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	section TEXT NOT NULL, 
	canvas_id TEXT NOT NULL, 
	sis_user_id TEXT NOT NULL, 
	sis_login_id TEXT NOT NULL, 
	enrolled BOOLEAN NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_students PRIMARY KEY (id), 
	CONSTRAINT uq_students_student UNIQUE (student)
);
INSERT INTO "students" VALUES(1,'ada','Ada L.','','','','','',0,'2026-11-21 07:19:17.390844');
INSERT INTO "students" VALUES(2,'ben','','','','','','',0,'2026-11-21 07:19:17.417288');
CREATE TABLE submissions (
	id INTEGER NOT NULL, 
	student_id INTEGER NOT NULL, 
	assignment TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	source TEXT NOT NULL, 
	name TEXT NOT NULL, 
	received DATETIME, 
	clock TEXT NOT NULL, 
	corrected DATETIME, 
	first_seen DATETIME NOT NULL, 
	CONSTRAINT pk_submissions PRIMARY KEY (id), 
	CONSTRAINT fk_submissions_student_id FOREIGN KEY(student_id) REFERENCES students (id), 
	CONSTRAINT uq_submissions_student_id UNIQUE (student_id, assignment, digest, received)
);
INSERT INTO "submissions" VALUES(1,1,'a1','digest of ada','ada.zip','Ada L.',NULL,'',NULL,'2026-11-21 07:19:17.394428');
INSERT INTO "submissions" VALUES(2,2,'a1','digest of ben','ben.ipynb','','2026-09-10 10:00:00.000000','lms',NULL,'2026-11-21 07:19:17.418188');
CREATE INDEX ix_submissions_student_id ON submissions (student_id);
CREATE UNIQUE INDEX uq_submissions_time_unknown ON submissions (student_id, assignment, digest) WHERE received IS NULL;
CREATE INDEX ix_audit_student ON audit (student);
CREATE TRIGGER gradings_keeps_UPDATE BEFORE UPDATE ON gradings BEGIN SELECT RAISE(ABORT, 'rows of gradings are never changed or deleted'); END;
CREATE TRIGGER gradings_keeps_DELETE BEFORE DELETE ON gradings BEGIN SELECT RAISE(ABORT, 'rows of gradings are never changed or deleted'); END;
CREATE TRIGGER scores_keeps_UPDATE BEFORE UPDATE ON scores BEGIN SELECT RAISE(ABORT, 'rows of scores are never changed or deleted'); END;
CREATE TRIGGER scores_keeps_DELETE BEFORE DELETE ON scores BEGIN SELECT RAISE(ABORT, 'rows of scores are never changed or deleted'); END;
CREATE TRIGGER audit_keeps_UPDATE BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit are never changed or deleted'); END;
CREATE TRIGGER audit_keeps_DELETE BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit are never changed or deleted'); END;
COMMIT;
