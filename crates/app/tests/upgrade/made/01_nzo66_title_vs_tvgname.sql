INSERT INTO accounts VALUES
(0,'playlist');
INSERT INTO clock VALUES
('movie',1,2,20786),
('series',1,2,20786);
INSERT INTO copies VALUES
('movie',0,'1@h.example',NULL,1,NULL,1,NULL,NULL),
('movie',0,'2@h.example',NULL,2,NULL,1,NULL,NULL);
INSERT INTO files VALUES
(1,'nfo','Best. Christmas. Ever! [Commedia] ⭐5.4 (2023).nfo',199,X'8EAA7EEC674AB3223E08677A19B7A2B1',NULL,NULL,NULL,NULL,NULL),
(1,'strm','Best. Christmas. Ever! [Commedia] ⭐5.4 (2023).strm',33,X'C0945C5C47DC39794D04AF96F033B245',NULL,NULL,NULL,0,NULL),
(2,'nfo','L''ultima parola - La vera storia di Dalton Trumbo [Dramma] ⭐7.2 (2015).nfo',181,X'4B63046DA85309B3B78F7C3449AF08F5',NULL,NULL,NULL,NULL,NULL),
(2,'strm','L''ultima parola - La vera storia di Dalton Trumbo [Dramma] ⭐7.2 (2015).strm',33,X'01D3F64170F29A95DCC2A7488C518670',NULL,NULL,NULL,0,NULL);
INSERT INTO meta VALUES
('generation','1'),
('library','f2eece68caaeaa3c84b40eb60e06a358'),
('mounts in Movies',''),
('mounts in TV',''),
('place of Movies',''),
('place of TV',''),
('will about movie','all'),
('will about series','all');
INSERT INTO runs VALUES
(1,1795967371,1795967371,'list.m3u',0,NULL);
INSERT INTO titles VALUES
(1,'movie','Best. Christmas. Ever! [Commedia] ⭐5.4 (2023)',0,NULL,'Best. Christmas. Ever! [Commedia] ⭐5.4',2023,NULL,NULL,X'0B403C028B031F02AE0B8CB0AB59FE96',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967371,NULL,NULL,NULL,NULL,0,0,0,0,NULL),
(2,'movie','L''ultima parola - La vera storia di Dalton Trumbo [Dramma] ⭐7.2 (2015)',0,NULL,'L''ultima parola - La vera storia di Dalton Trumbo [Dramma] ⭐7.2',2015,NULL,NULL,X'4B00906E21D38E744F3C15A2DCFC216B',X'84F78685D973244D8E54A05C8D1425A9',NULL,1795967371,NULL,NULL,NULL,NULL,0,0,0,0,NULL);
